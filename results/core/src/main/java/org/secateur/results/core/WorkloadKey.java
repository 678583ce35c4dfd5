package org.secateur.results.core;

/** The key of a row of a cost table: workload, cache regime and request. */
public record WorkloadKey(Workload workload, Regime regime, Request request) {
    /** The workload in the COLD regime under the default request. */
    public static WorkloadKey cold(Workload workload) {
        return new WorkloadKey(workload, Regime.COLD, Request.DEFAULT);
    }
}
