package org.secateur.harness.cli;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.statistics.Estimate;

/** Rows of tables with known times. */
final class Rows {
    private Rows() {}

    /** A row of so many seconds, within 1 %. */
    static Measurement of(Workload workload, double seconds) {
        Estimate estimate = new Estimate(seconds, seconds * 0.99, seconds * 1.01, 0.95, 8);
        return row(workload, Quantity.measured(estimate), seconds, Set.of());
    }

    /** A row without a single time, whose blocks have this median. */
    static Measurement ofTwoModes(Workload workload, double seconds) {
        return row(workload, Quantity.unavailable("two modes"), seconds, Set.of(Flag.BIMODAL));
    }

    private static Measurement row(Workload workload, Quantity seconds, double median, Set<Flag> flags) {
        return new Measurement(
                WorkloadKey.cold(workload),
                new Variant("test", 0, true),
                seconds,
                Quantity.unavailable("no counter"),
                List.of(new Block(1, new double[] {median / 2, median, median * 2})),
                Map.of(),
                Conditions.NONE,
                Conditions.NONE,
                flags,
                Instant.EPOCH);
    }

    /** A table of rows. */
    static CostTable table(Collection<Measurement> rows) {
        return CostTable.of("a test", Fingerprint.of(Map.of(), Map.of()), rows);
    }
}
