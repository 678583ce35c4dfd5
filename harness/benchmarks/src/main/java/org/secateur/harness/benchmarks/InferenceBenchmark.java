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
import org.secateur.models.libtorch.InferencePass;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/** A whole inference on the processor, of the dense network and of one with narrower groups. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1, timeUnit = TimeUnit.SECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class InferenceBenchmark {
    @Param("resnet20")
    String network;

    @Param({"1", "0.5"})
    double width;

    @Param({"1", "128"})
    int batch;

    @Param({"NCHW", "NHWC"})
    Layout layout;

    private Kernel inference;

    /** Loads libtorch and prepares network and images. */
    @Setup
    public void open() {
        inference = new InferencePass(
                LibTorch.load(), Networks.narrowed(network, width), batch, 1, new TensorFormat(DataType.F32, layout));
    }

    /** Frees them. */
    @TearDown
    public void close() {
        inference.close();
    }

    /** One inference. */
    @Benchmark
    public void infer() {
        inference.launch();
    }
}
