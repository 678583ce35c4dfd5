package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * How far interpolation is from measurement: each of some rows is predicted from the table without it, as far as that is
 * possible without crossing an edge of the staircase. Errors are relative to the measured time.
 */
record HeldOut(Quantity median, Quantity p95, int predicted, int asked) {

    /** The error over the rows of these keys. */
    static HeldOut of(CostTable table, Collection<WorkloadKey> keys) {
        List<Double> errors = new ArrayList<>();
        for (WorkloadKey key : keys) {
            Optional<Estimate> measured =
                    table.row(key).map(Measurement::seconds).flatMap(Quantity::estimate);
            Optional<Estimate> predicted = new MeasuredCosts(without(key, table))
                    .predict(key.workload())
                    .seconds()
                    .estimate();
            if (measured.isPresent() && predicted.isPresent()) {
                errors.add(Math.abs(predicted.get().value() / measured.get().value() - 1));
            }
        }
        if (errors.isEmpty()) {
            Quantity none = Quantity.unavailable(
                    keys.isEmpty()
                            ? "no neighbour was asked for: see --neighbours"
                            : "none of " + keys.size() + " rows lies on one step between two others");
            return new HeldOut(none, none, 0, keys.size());
        }
        double[] sorted =
                errors.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double p95 = sorted[(int) Math.ceil(0.95 * sorted.length) - 1];
        return new HeldOut(
                Quantity.derived(OrderStatistics.median(sorted, 0.95)),
                Quantity.derived(Estimate.exact(p95)),
                sorted.length,
                keys.size());
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
