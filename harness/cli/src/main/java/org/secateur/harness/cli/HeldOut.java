package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.statistics.Estimate;

/** Finds out how far interpolation is from measurement. Errors are relative to the measured time. */
final class HeldOut {
    private HeldOut() {}

    /**
     * The error over the rows of these keys, each predicted from the table without it, as far as that is possible without
     * crossing an edge of the staircase.
     */
    static HeldOutError leftOut(CostTable table, Collection<WorkloadKey> keys) {
        List<Double> errors = new ArrayList<>();
        for (WorkloadKey key : keys) {
            error(new MeasuredCosts(without(key, table)), key.workload(), table).ifPresent(errors::add);
        }
        if (errors.isEmpty()) {
            return HeldOutError.none(
                    keys.isEmpty()
                            ? "no neighbour was asked for: see --neighbours and --neighbourhood"
                            : "none of " + keys.size() + " rows lies on one step between two others",
                    keys.size());
        }
        return HeldOutError.of("", errors, 0, keys.size(), "each predicted from the others");
    }

    /**
     * The error over a sample that had no part in building a table.
     *
     * @param built the table without the sample
     * @param measured a table that holds the sample
     */
    static HeldOutError sample(CostTable built, Collection<WorkloadKey> sample, CostTable measured) {
        if (sample.isEmpty()) {
            return HeldOutError.none("no sample was asked for: see --held-out", 0);
        }
        MeasuredCosts costs = new MeasuredCosts(built);
        List<Double> errors = new ArrayList<>();
        for (WorkloadKey key : sample) {
            error(costs, key.workload(), measured).ifPresent(errors::add);
        }
        // What cannot be predicted is as wrong as can be: leaving it out would flatter the table.
        int unpredicted = sample.size() - errors.size();
        return HeldOutError.of("", errors, unpredicted, sample.size(), "drawn at random and kept from building");
    }

    private static Optional<Double> error(MeasuredCosts costs, Workload workload, CostTable measured) {
        Optional<Estimate> truth = measured.row(WorkloadKey.cold(workload))
                .map(Measurement::seconds)
                .flatMap(Quantity::estimate);
        Optional<Estimate> predicted = costs.predict(workload).seconds().estimate();
        return truth.isPresent() && predicted.isPresent()
                ? Optional.of(Math.abs(predicted.get().value() / truth.get().value() - 1))
                : Optional.empty();
    }

    /** The rows that can tell of a key, which are those of its operation and pass; for tables have thousands. */
    private static CostTable without(WorkloadKey key, CostTable table) {
        Map<WorkloadKey, Measurement> others = new LinkedHashMap<>();
        table.rows().forEach((other, row) -> {
            if (!other.equals(key)
                    && other.workload().pass() == key.workload().pass()
                    && other.workload().operation().getClass()
                            == key.workload().operation().getClass()) {
                others.put(other, row);
            }
        });
        return new CostTable(table.device(), table.fingerprint(), others);
    }
}
