package org.secateur.results.core.cost;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.secateur.results.core.Block;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * A device's peaks, and which of them binds (Williams et al., Roofline, CACM 2009, with the launch as a third limit).
 * The peaks are rates that reference workloads achieved, measured like every other row of the table: what the device's
 * libraries reach, not what its data sheet says.
 *
 * @param flopsPerSecond floating-point operations, two per multiply-accumulate, of the best compute-bound reference
 * @param bytesPerSecond of the memory-bound reference, each tensor moved once
 * @param cacheBytesPerSecond the same of tensors that stay in a cache
 * @param launchSeconds of a launch with next to nothing to do
 */
public record Roofline(
        Estimate flopsPerSecond, Estimate bytesPerSecond, Estimate cacheBytesPerSecond, Estimate launchSeconds) {
    private static final double CONFIDENCE = 0.95;

    private static final Extent ONE = Extent.of(1);

    /** A square matrix product and a wide 3x3 convolution: some milliseconds of several gigaflops, hardly any memory. */
    private static final List<Operation> COMPUTE =
            List.of(new Linear(1024, 1024, 1024), new Convolution(16, 128, 32, 32, 128, 3, 3, ONE, ONE, ONE, 1));

    /** A sum of two tensors of 32 MiB in F32: far beyond any last-level cache. */
    private static final Operation MEMORY = new Add(32, 64, 64, 64, Operand.TENSOR);

    /** A sum of two tensors of 1 MiB in F32: within most. */
    private static final Operation CACHE = new Add(1, 64, 64, 64, Operand.TENSOR);

    private static final Operation LAUNCH = new Activation(1, 1, 1, 1, ActivationKind.RELU);

    /** The reference rows of one arithmetic. */
    private record References(List<WorkloadKey> compute, WorkloadKey memory, WorkloadKey cache, WorkloadKey launch) {
        static References of(DataType dataType, MathMode mathMode, Layout layout) {
            Function<Operation, Workload> asked =
                    operation -> new Workload(operation, Pass.FORWARD, dataType, mathMode, layout);
            return new References(
                    COMPUTE.stream().map(asked).map(WorkloadKey::cold).toList(),
                    WorkloadKey.cold(asked.apply(MEMORY)),
                    new WorkloadKey(asked.apply(CACHE), Regime.HOT, Request.DEFAULT),
                    new WorkloadKey(asked.apply(LAUNCH), Regime.HOT, Request.DEFAULT));
        }

        List<WorkloadKey> all() {
            return Stream.concat(compute.stream(), Stream.of(memory, cache, launch))
                    .toList();
        }
    }

    /** What binds. */
    public enum Bound {
        COMPUTE,
        MEMORY,
        LAUNCH
    }

    /** The reference rows in F32, default math and NCHW, to be measured once into each table. */
    public static List<WorkloadKey> references() {
        return references(DataType.F32, MathMode.DEFAULT, Layout.NCHW);
    }

    /** The reference rows of one arithmetic, whose peaks are its own. */
    public static List<WorkloadKey> references(DataType dataType, MathMode mathMode, Layout layout) {
        return References.of(dataType, mathMode, layout).all();
    }

    /** The peaks of a table's device in F32, default math and NCHW; empty where a reference was not measured. */
    public static Optional<Roofline> of(CostTable table) {
        return of(table, DataType.F32, MathMode.DEFAULT, Layout.NCHW);
    }

    /** The peaks of one arithmetic; empty where a reference was not measured. */
    public static Optional<Roofline> of(CostTable table, DataType dataType, MathMode mathMode, Layout layout) {
        References references = References.of(dataType, mathMode, layout);
        if (!references.all().stream().allMatch(key -> table.row(key).isPresent())) {
            return Optional.empty();
        }
        Estimate flops = references.compute().stream()
                .map(key -> rate(table, key, 2.0 * key.workload().macs()))
                .max(Comparator.comparingDouble(Estimate::value))
                .orElseThrow();
        return Optional.of(new Roofline(
                flops,
                rate(table, references.memory(), (double)
                        references.memory().workload().bytesMoved()),
                rate(table, references.cache(), (double)
                        references.cache().workload().bytesMoved()),
                seconds(table, references.launch())));
    }

    private static Estimate rate(CostTable table, WorkloadKey key, double amount) {
        return seconds(table, key).rate(amount);
    }

    /** The row's time; of one with two modes the median of all its blocks, near enough for a peak. */
    private static Estimate seconds(CostTable table, WorkloadKey key) {
        Measurement row = table.row(key).orElseThrow();
        return row.seconds()
                .estimate()
                .orElseGet(() -> OrderStatistics.median(
                        row.blocks().stream().mapToDouble(Block::medianSeconds).toArray(), CONFIDENCE));
    }

    /** What rows of this device can be at most. Bytes may come from a cache. */
    public Plausibility plausibility() {
        return new Plausibility(flopsPerSecond.value(), Math.max(bytesPerSecond.value(), cacheBytesPerSecond.value()));
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
