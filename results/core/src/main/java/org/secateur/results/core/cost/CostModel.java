package org.secateur.results.core.cost;

import org.secateur.results.core.Workload;

/**
 * Predicts what a workload costs. The provenance of the answer tells how it was come by: MEASURED is an exact hit of a
 * table, DERIVED an interpolation inside one step of the staircase, MODELLED an analytic model, and UNAVAILABLE a miss.
 */
public interface CostModel {
    /** The model's name as it appears in provenance and reports, for example {@code measured table} or {@code macs}. */
    String name();

    /** Predicts one launch. Never throws for a miss: that is an UNAVAILABLE quantity. */
    Cost predict(Workload workload);
}
