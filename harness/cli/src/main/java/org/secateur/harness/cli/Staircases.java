package org.secateur.harness.cli;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.secateur.harness.loop.OnDemandCosts;
import org.secateur.harness.loop.RunResult;
import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;
import org.secateur.results.core.statistics.Estimate;

/**
 * What a network's convolutions cost over their output channels, for a run's report. Plans measure only what they
 * need, which is too little to see the steps of a layer; so some more is measured when the run is done.
 */
final class Staircases {
    /** Widths of each convolution, evenly spaced up to its own. */
    private static final int WIDTHS = 8;

    /** As part of the time that the training took. */
    private static final double SHARE = 0.03;

    private static final double MOST_SECONDS = 20;

    private Staircases() {}

    /** Measures the heaviest convolutions of the dense network first, as long as the time lasts. */
    static void measure(OnDemandCosts costs, RunResult result, Arithmetic arithmetic) {
        double trained = result.pruned()
                .orElse(result.dense())
                .trainSeconds()
                .estimate()
                .map(Estimate::value)
                .orElse(0.0);
        double seconds = Math.min(MOST_SECONDS, SHARE * trained);
        costs.measure(
                workloads(
                        result.settings().network(),
                        result.settings().training().batch(),
                        arithmetic),
                SamplerOptions.rough(),
                seconds);
    }

    /** The forward passes, each convolution's widths together, those with the most multiply-accumulates first. */
    static List<Workload> workloads(Network network, int batch, Arithmetic arithmetic) {
        return arithmetic.training(network, batch).instructions().stream()
                .map(Instruction::workload)
                .filter(workload -> workload.pass() == Pass.FORWARD)
                .filter(workload -> workload.operation() instanceof Convolution c && c.groups() == 1)
                .distinct()
                .sorted(Comparator.comparingLong(Workload::macs).reversed())
                .flatMap(Staircases::widths)
                .toList();
    }

    private static Stream<Workload> widths(Workload workload) {
        Convolution c = (Convolution) workload.operation();
        return IntStream.rangeClosed(1, WIDTHS)
                .map(eighth -> Math.ceilDiv(c.k() * eighth, WIDTHS))
                .distinct()
                .mapToObj(k -> new Workload(
                        c.with(c.n(), c.c(), k),
                        workload.pass(),
                        workload.dataType(),
                        workload.mathMode(),
                        workload.layout()));
    }
}
