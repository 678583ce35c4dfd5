package org.secateur.results.core.cost;

import java.util.List;
import java.util.Optional;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;

/**
 * A device's peaks, and which of them binds (Williams et al., Roofline, CACM 2009, with the launch as a third limit).
 * The peaks are rates that reference workloads achieved, measured like every other row of the table: what the device's
 * libraries reach, not what its data sheet says.
 *
 * @param flopsPerSecond floating-point operations, two per multiply-accumulate, of the best compute-bound reference
 * @param bytesPerSecond of the memory-bound reference, each tensor moved once
 * @param launchSeconds of a launch with next to nothing to do
 */
public record Roofline(Estimate flopsPerSecond, Estimate bytesPerSecond, Estimate launchSeconds) {
    private static final Extent ONE = Extent.of(1);

    /** A square matrix product and a wide 3x3 convolution: some milliseconds of several gigaflops, hardly any memory. */
    private static final List<Workload> COMPUTE = List.of(
            Workload.of(new Linear(1024, 1024, 1024), Pass.FORWARD),
            Workload.of(new Convolution(16, 128, 32, 32, 128, 3, 3, ONE, ONE, ONE, 1), Pass.FORWARD));

    /** A sum of two tensors of 32 MiB: far beyond any last-level cache. */
    private static final Workload MEMORY = Workload.of(new Add(32, 64, 64, 64, Operand.TENSOR), Pass.FORWARD);

    private static final Workload LAUNCH = Workload.of(new Activation(1, 1, 1, 1, ActivationKind.RELU), Pass.FORWARD);

    /** What binds. */
    public enum Bound {
        COMPUTE,
        MEMORY,
        LAUNCH
    }

    /** The reference workloads, to be measured once into each table. */
    public static List<Workload> references() {
        return List.of(COMPUTE.get(0), COMPUTE.get(1), MEMORY, LAUNCH);
    }

    /** The peaks of a table's device; empty where a reference was not measured. */
    public static Optional<Roofline> of(CostTable table) {
        Optional<Estimate> flops = COMPUTE.stream()
                .flatMap(w -> rate(table, w, 2.0 * w.macs()).stream())
                .max((a, b) -> Double.compare(a.value(), b.value()));
        Optional<Estimate> bytes = rate(table, MEMORY, (double) MEMORY.bytesMoved());
        Optional<Estimate> launch = seconds(table, LAUNCH);
        return flops.isPresent() && bytes.isPresent() && launch.isPresent()
                ? Optional.of(new Roofline(flops.get(), bytes.get(), launch.get()))
                : Optional.empty();
    }

    private static Optional<Estimate> rate(CostTable table, Workload workload, double amount) {
        return seconds(table, workload)
                .map(e -> new Estimate(
                        amount / e.value(), amount / e.high(), amount / e.low(), e.confidence(), e.blocks()));
    }

    private static Optional<Estimate> seconds(CostTable table, Workload workload) {
        return table.row(WorkloadKey.cold(workload))
                .flatMap(row -> row.seconds().estimate());
    }

    /** What would take longest at its peak: the arithmetic, the memory traffic, or the launches themselves. */
    public Bound bound(double flops, double bytes, int launches) {
        double compute = flops / flopsPerSecond.value();
        double memory = bytes / bytesPerSecond.value();
        double launch = launches * launchSeconds.value();
        if (launch > compute && launch > memory) {
            return Bound.LAUNCH;
        }
        return compute > memory ? Bound.COMPUTE : Bound.MEMORY;
    }
}
