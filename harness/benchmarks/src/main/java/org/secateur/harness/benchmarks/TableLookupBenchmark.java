package org.secateur.harness.benchmarks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.Cost;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.statistics.Estimate;

/** The look-up of a cost in a table of convolutions whose both widths go in steps of four. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class TableLookupBenchmark {
    private static final int STEP = 4;

    @Param("64")
    int width;

    private CostTable table;
    private MeasuredCosts costs;
    private Workload measured;
    private Workload between;

    /** Makes a table whose times go in steps of eight channels. */
    @Setup
    public void fill() {
        List<org.secateur.results.core.Measurement> rows = new ArrayList<>();
        for (int c = STEP; c <= width; c += STEP) {
            for (int k = STEP; k <= width; k += STEP) {
                double seconds = 1e-5 * Math.ceilDiv(c, 2 * STEP) * Math.ceilDiv(k, 2 * STEP);
                rows.add(row(convolution(c, k), seconds));
            }
        }
        table = CostTable.of("SIMULATED", Fingerprint.of(Map.of("device", "SIMULATED"), Map.of()), rows);
        costs = new MeasuredCosts(table);
        measured = convolution(width / 2, width);
        between = convolution(width / 2 - 1, width);
    }

    private static Workload convolution(int c, int k) {
        return Workload.parse("conv2d n=128 c=" + c + " h=16 w=16 k=" + k
                + " r=3 s=3 stride=1,1 pad=1,1 dilation=1,1 groups=1 pass=forward dtype=f32 math=default layout=nchw");
    }

    private static org.secateur.results.core.Measurement row(Workload workload, double seconds) {
        Quantity time = Quantity.measured(new Estimate(seconds, seconds, seconds, 0.95, 8));
        return new org.secateur.results.core.Measurement(
                WorkloadKey.cold(workload),
                new Variant("simulated", 0, true),
                time,
                Quantity.unavailable("simulated"),
                List.of(new Block(1, new double[] {seconds})),
                Map.of(),
                Conditions.NONE,
                Conditions.NONE,
                Set.of(),
                Instant.EPOCH);
    }

    /** A row that is there. */
    @Benchmark
    public Cost exact() {
        return costs.predict(measured);
    }

    /** A width between two rows. */
    @Benchmark
    public Cost interpolated() {
        return costs.predict(between);
    }

    /** Making the table ready for look-ups. */
    @Benchmark
    public MeasuredCosts index() {
        return new MeasuredCosts(table);
    }
}
