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
import org.secateur.models.libtorch.TrainingStep;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/** A whole training step on the processor: the trainer's own, of the dense network and of one with narrower groups. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1, timeUnit = TimeUnit.SECONDS)
@Measurement(iterations = 10, time = 2, timeUnit = TimeUnit.SECONDS)
public class TrainingStepBenchmark {
    @Param("resnet20")
    String network;

    @Param({"1", "0.5"})
    double width;

    @Param("128")
    int batch;

    @Param({"NCHW", "NHWC"})
    Layout layout;

    private Kernel step;

    /** Loads libtorch and prepares network and images. */
    @Setup
    public void open() {
        step = new TrainingStep(
                LibTorch.load(),
                Networks.narrowed(network, width),
                batch,
                0,
                1,
                new TensorFormat(DataType.F32, layout));
    }

    /** Frees them. */
    @TearDown
    public void close() {
        step.close();
    }

    /** One step. */
    @Benchmark
    public void step() {
        step.launch();
    }
}
