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

/** The host's overhead of one launch: operations on so little data that nearly all of their time is the way there. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 20, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class LaunchBenchmark {
    @Param("cpu")
    String device;

    @Param({
        "activation n=1 c=1 h=1 w=1 kind=relu pass=forward dtype=f32 math=default layout=nchw",
        "conv2d n=1 c=1 h=1 w=1 k=1 r=1 s=1 stride=1,1 pad=0,0 dilation=1,1 groups=1 pass=forward dtype=f32"
                + " math=default layout=nchw"
    })
    String workload;

    private Device opened;
    private Kernel kernel;

    /** Opens the device and the workload with one set of buffers. */
    @Setup
    public void open() {
        opened = DeviceProvider.openDevice(device);
        kernel = opened.open(new WorkloadKey(Workload.parse(workload), Regime.HOT, Request.DEFAULT));
    }

    /** Closes both. */
    @TearDown
    public void close() {
        kernel.close();
        opened.close();
    }

    /** One launch, without waiting for it where a device works by itself. */
    @Benchmark
    public void launch() {
        kernel.launch();
    }
}
