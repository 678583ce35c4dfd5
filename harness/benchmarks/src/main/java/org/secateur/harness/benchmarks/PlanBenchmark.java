package org.secateur.harness.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
import org.secateur.models.core.pruning.WidthProblem;
import org.secateur.models.core.pruning.WidthProblem.Group;
import org.secateur.models.core.pruning.WidthProblem.Term;
import org.secateur.models.core.pruning.WidthSolution;
import org.secateur.models.core.pruning.WidthSolver;

/**
 * The choice of widths for a network of resnet20's size and shape: three stages of {@code blocks} residual blocks, a
 * group for each stage and one inside each block, costs in steps of eight channels with 10 % of noise.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1, timeUnit = TimeUnit.SECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class PlanBenchmark {
    private static final int STAGES = 3;
    private static final int STEM_CHANNELS = 16;
    private static final int CANDIDATES = 16;
    private static final int QUANTUM = 8;

    @Param("3")
    int blocks;

    @Param("1")
    long seed;

    private WidthProblem problem;

    /** Draws the problem. */
    @Setup
    public void draw() {
        SplittableRandom random = new SplittableRandom(seed);
        List<Group> groups = new ArrayList<>();
        List<Term> terms = new ArrayList<>();
        for (int stage = 0; stage < STAGES; stage++) {
            groups.add(group("stage" + stage, STEM_CHANNELS << stage, random));
        }
        terms.add(new Term(new int[] {0}, costs(groups, random, 0)));
        for (int stage = 0; stage < STAGES; stage++) {
            for (int block = 0; block < blocks; block++) {
                int inner = groups.size();
                int input = block == 0 && stage > 0 ? stage - 1 : stage;
                groups.add(group("stage" + stage + "." + block, STEM_CHANNELS << stage, random));
                terms.add(new Term(new int[] {input, inner}, costs(groups, random, input, inner)));
                terms.add(new Term(new int[] {inner, stage}, costs(groups, random, inner, stage)));
            }
        }
        problem = new WidthProblem(groups, terms, 0);
    }

    /** Up to sixteen widths, and a saliency that falls with the width kept. */
    private static Group group(String id, int channels, SplittableRandom random) {
        int candidates = Math.min(CANDIDATES, channels);
        int[] widths = IntStream.rangeClosed(1, candidates)
                .map(i -> i * channels / candidates)
                .toArray();
        double[] removed = new double[candidates];
        for (int i = candidates - 2; i >= 0; i--) {
            removed[i] = removed[i + 1] + random.nextDouble() / candidates;
        }
        return new Group(id, widths, removed);
    }

    private static double[] costs(List<Group> groups, SplittableRandom random, int... scope) {
        double[] costs = {1};
        for (int g : scope) {
            int[] widths = groups.get(g).widths();
            double[] next = new double[costs.length * widths.length];
            for (int i = 0; i < next.length; i++) {
                next[i] = costs[i / widths.length] * Math.ceilDiv(widths[i % widths.length], QUANTUM);
            }
            costs = next;
        }
        for (int i = 0; i < costs.length; i++) {
            costs[i] *= 1 + 0.1 * random.nextDouble();
        }
        return costs;
    }

    /** The least saliency removed at 0.6 of the cost. */
    @Benchmark
    public WidthSolution withinCost() {
        return new WidthSolver(problem).withinCost(0.6 * problem.cost(problem.keepAll()));
    }

    /** The least cost that half a percent of the saliency buys. */
    @Benchmark
    public WidthSolution withinSaliency() {
        return new WidthSolver(problem).withinSaliency(0.005);
    }
}
