package org.secateur.harness.benchmarks;

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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.DeviceProvider;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/**
 * One launch of a workload, by default of each pass of resnet20's convolutions at batch 128, at full and at pruned widths.
 * On a processor a launch is done when it returns; on a GPU the host's wait for it is measured too.
 *
 * <p>Iterations are short, so that their median is not moved by the few in which something else ran.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 10, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 20, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class ConvolutionBenchmark {
    private static final String STAGE_1 =
            "conv2d n=128 c=16 h=32 w=32 k=16 r=3 s=3 stride=1,1 pad=1,1 dilation=1,1 groups=1";
    private static final String STAGE_1_PRUNED =
            "conv2d n=128 c=12 h=32 w=32 k=16 r=3 s=3 stride=1,1 pad=1,1 dilation=1,1 groups=1";
    private static final String TO_STAGE_2 =
            "conv2d n=128 c=16 h=32 w=32 k=32 r=3 s=3 stride=2,2 pad=1,1 dilation=1,1 groups=1";
    private static final String STAGE_2 =
            "conv2d n=128 c=32 h=16 w=16 k=32 r=3 s=3 stride=1,1 pad=1,1 dilation=1,1 groups=1";
    private static final String STAGE_2_PRUNED =
            "conv2d n=128 c=24 h=16 w=16 k=20 r=3 s=3 stride=1,1 pad=1,1 dilation=1,1 groups=1";
    private static final String TO_STAGE_3 =
            "conv2d n=128 c=32 h=16 w=16 k=64 r=3 s=3 stride=2,2 pad=1,1 dilation=1,1 groups=1";
    private static final String STAGE_3 =
            "conv2d n=128 c=64 h=8 w=8 k=64 r=3 s=3 stride=1,1 pad=1,1 dilation=1,1 groups=1";
    private static final String STAGE_3_PRUNED =
            "conv2d n=128 c=48 h=8 w=8 k=40 r=3 s=3 stride=1,1 pad=1,1 dilation=1,1 groups=1";
    private static final String FORWARD = " pass=forward dtype=f32 math=default layout=nchw";
    private static final String BACKWARD_DATA = " pass=backward-data dtype=f32 math=default layout=nchw";
    private static final String BACKWARD_WEIGHTS = " pass=backward-weights dtype=f32 math=default layout=nchw";

    @Param("cpu")
    String device;

    @Param("COLD")
    Regime regime;

    @Param({
        STAGE_1 + FORWARD,
        STAGE_1 + BACKWARD_DATA,
        STAGE_1 + BACKWARD_WEIGHTS,
        STAGE_1_PRUNED + FORWARD,
        STAGE_1_PRUNED + BACKWARD_DATA,
        STAGE_1_PRUNED + BACKWARD_WEIGHTS,
        TO_STAGE_2 + FORWARD,
        TO_STAGE_2 + BACKWARD_DATA,
        TO_STAGE_2 + BACKWARD_WEIGHTS,
        STAGE_2 + FORWARD,
        STAGE_2 + BACKWARD_DATA,
        STAGE_2 + BACKWARD_WEIGHTS,
        STAGE_2_PRUNED + FORWARD,
        STAGE_2_PRUNED + BACKWARD_DATA,
        STAGE_2_PRUNED + BACKWARD_WEIGHTS,
        TO_STAGE_3 + FORWARD,
        TO_STAGE_3 + BACKWARD_DATA,
        TO_STAGE_3 + BACKWARD_WEIGHTS,
        STAGE_3 + FORWARD,
        STAGE_3 + BACKWARD_DATA,
        STAGE_3 + BACKWARD_WEIGHTS,
        STAGE_3_PRUNED + FORWARD,
        STAGE_3_PRUNED + BACKWARD_DATA,
        STAGE_3_PRUNED + BACKWARD_WEIGHTS
    })
    String workload;

    private Device opened;
    private Kernel kernel;

    /** Opens the device and the workload. */
    @Setup
    public void open() {
        opened = DeviceProvider.openDevice(device);
        kernel = opened.open(new WorkloadKey(Workload.parse(workload), regime, Request.DEFAULT));
    }

    /** Closes both. */
    @TearDown
    public void close() {
        kernel.close();
        opened.close();
    }

    /** One launch. */
    @Benchmark
    public void launch() {
        kernel.launch();
        kernel.synchronize();
    }
}
