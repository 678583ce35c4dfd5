package org.secateur.results.core;

/**
 * What a measurement was asked under, beside its workload: the workspace that an algorithm may take (bytes), whether it
 * must be deterministic, and the distribution of the data.
 */
public record Request(long workspaceLimitBytes, boolean deterministic, String dataDistribution) {
    /** Up to 1 GiB of workspace, any algorithm, and standard normal data: random data, since values change power. */
    public static final Request DEFAULT = new Request(1L << 30, false, "normal");

    public Request {
        if (workspaceLimitBytes < 0) {
            throw new IllegalArgumentException("workspace limit " + workspaceLimitBytes + " must be at least 0");
        }
    }
}
