package org.secateur.harness.benchmarks;

import java.util.Map;
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
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.zoo.Zoo;

/** The removal of channels from a network, with and without its numbers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SurgeryBenchmark {
    @Param("resnet20")
    String network;

    @Param("0.5")
    double width;

    private Network dense;
    private ModelState state;
    private Map<String, int[]> kept;

    /** Makes the network and draws its weights. */
    @Setup
    public void draw() {
        dense = Zoo.network(network);
        state = new Initializer(1).initialize(dense);
        kept = Networks.kept(dense, width);
    }

    /** The network with parameters, buffers and momentum. */
    @Benchmark
    public Surgery.Shrunk withNumbers() {
        return Surgery.shrink(dense, state, kept);
    }

    /** The network alone, as planning does it. */
    @Benchmark
    public Network graphOnly() {
        return Surgery.shrink(dense, kept);
    }
}
