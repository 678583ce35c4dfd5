package org.secateur.profilers.core.sampler;

import java.util.List;
import java.util.Optional;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.Plausibility;
import org.secateur.results.core.statistics.Estimate;

/**
 * Workloads that bring a device to its peaks: a large product and a large convolution for arithmetic, a sum of large
 * tensors for memory, and one of small tensors for the cache. They are rows of a table like others, so that a device is
 * measured once.
 */
public final class Peaks {
    private Peaks() {}

    /** The rows that a table needs. */
    public static final List<WorkloadKey> KEYS = List.of(
            WorkloadKey.cold(Workload.of(new Linear(1024, 1024, 1024), Pass.FORWARD)),
            WorkloadKey.cold(Workload.of(
                    new Convolution(16, 128, 32, 32, 128, 3, 3, Extent.of(1), Extent.of(1), Extent.of(1), 1),
                    Pass.FORWARD)),
            WorkloadKey.cold(Workload.of(new Add(32, 64, 64, 64, Operand.TENSOR), Pass.FORWARD)),
            new WorkloadKey(
                    Workload.of(new Add(1, 64, 64, 64, Operand.TENSOR), Pass.FORWARD), Regime.HOT, Request.DEFAULT));

    /** The peaks that are missing from a table. */
    public static List<WorkloadKey> missing(CostTable table) {
        return KEYS.stream().filter(key -> table.row(key).isEmpty()).toList();
    }

    /** The best rates of a table's rows of {@link #KEYS}, for judging the others; none while one is missing. */
    public static Optional<Plausibility> of(CostTable table) {
        double flops = 0;
        double bytes = 0;
        for (WorkloadKey key : KEYS) {
            Optional<Estimate> seconds =
                    table.row(key).map(Measurement::seconds).flatMap(Quantity::estimate);
            if (seconds.isEmpty()) {
                return Optional.empty();
            }
            flops = Math.max(flops, 2.0 * key.workload().macs() / seconds.get().value());
            bytes = Math.max(bytes, key.workload().bytesMoved() / seconds.get().value());
        }
        return Optional.of(Plausibility.ofRates(flops, bytes));
    }
}
