package org.secateur.harness.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A benchmark of next to nothing, to run profilers and forks on. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
public class TinyBenchmark {
    /** Whole workloads and plain words alike. */
    @Param("none")
    String workload;

    private int sum;

    /** An addition. */
    @Benchmark
    public int add() {
        return sum++;
    }

    /** What always fails. */
    @Benchmark
    public int fail() {
        throw new IllegalStateException("this one always fails");
    }
}
