package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Arrays;
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
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * How far interpolation is from measurement. Errors are relative to the measured time.
 *
 * @param predicted of the rows, that a prediction was possible for
 * @param asked how many rows were to be predicted
 * @param from what each was predicted from, in a few words
 */
record HeldOut(Quantity median, Quantity p95, int predicted, int asked, String from) {

    /**
     * The error over the rows of these keys, each predicted from the table without it, as far as that is possible without
     * crossing an edge of the staircase.
     */
    static HeldOut leftOut(CostTable table, Collection<WorkloadKey> keys) {
        List<Double> errors = new ArrayList<>();
        for (WorkloadKey key : keys) {
            error(new MeasuredCosts(without(key, table)), key.workload(), table).ifPresent(errors::add);
        }
        if (errors.isEmpty()) {
            return none(
                    keys.isEmpty()
                            ? "no neighbour was asked for: see --neighbours and --neighbourhood"
                            : "none of " + keys.size() + " rows lies on one step between two others",
                    keys.size());
        }
        return of(errors, errors.size(), keys.size(), "each predicted from the others");
    }

    /**
     * The error over a sample that had no part in building a table.
     *
     * @param built the table without the sample
     * @param measured a table that holds the sample
     */
    static HeldOut sample(CostTable built, Collection<WorkloadKey> sample, CostTable measured) {
        if (sample.isEmpty()) {
            return none("no sample was asked for: see --held-out", 0);
        }
        MeasuredCosts costs = new MeasuredCosts(built);
        List<Double> errors = new ArrayList<>();
        int predicted = 0;
        for (WorkloadKey key : sample) {
            Optional<Double> error = error(costs, key.workload(), measured);
            predicted += error.isPresent() ? 1 : 0;
            // What cannot be predicted is as wrong as can be: leaving it out would flatter the table.
            errors.add(error.orElse(Double.POSITIVE_INFINITY));
        }
        return of(errors, predicted, sample.size(), "drawn at random and kept from building");
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

    private static HeldOut none(String reason, int asked) {
        Quantity none = Quantity.unavailable(reason);
        return new HeldOut(none, none, 0, asked, "");
    }

    private static HeldOut of(List<Double> errors, int predicted, int asked, String from) {
        double[] sorted =
                errors.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double p95 = sorted[(int) Math.ceil(0.95 * sorted.length) - 1];
        String beyond = "only " + predicted + " of " + asked + " rows could be predicted";
        return new HeldOut(
                Double.isFinite(OrderStatistics.median(sorted)) ? median(sorted) : Quantity.unavailable(beyond),
                Double.isFinite(p95) ? Quantity.derived(Estimate.exact(p95)) : Quantity.unavailable(beyond),
                predicted,
                asked,
                from);
    }

    /** The median with its interval, which ends below the infinite errors. */
    private static Quantity median(double[] sorted) {
        double[] finite = Arrays.stream(sorted).filter(Double::isFinite).toArray();
        return Quantity.derived(OrderStatistics.median(finite, sorted.length - finite.length, 0.95));
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
