package org.secateur.harness.cli;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.secateur.harness.loop.OnDemandCosts;
import org.secateur.harness.loop.RunResult;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.Operation.Convolution;
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
        costs.measure(workloads(ConvolutionLayer.of(result, arithmetic)), SamplerOptions.rough(), seconds);
    }

    /**
     * The forward passes, each convolution's widths together, those with the most multiply-accumulates first. The widths
     * that pruning left are among them.
     */
    static List<Workload> workloads(List<ConvolutionLayer> layers) {
        Map<Workload, SortedSet<Integer>> widths = new LinkedHashMap<>();
        layers.stream()
                .filter(layer -> convolution(layer.forward()).groups() == 1)
                .sorted(Comparator.comparingLong(
                                (ConvolutionLayer layer) -> layer.forward().macs())
                        .reversed())
                .forEach(layer -> {
                    SortedSet<Integer> of = widths.computeIfAbsent(layer.forward(), f -> eighths(layer.dense()));
                    if (layer.pruned() > 0) {
                        of.add(layer.pruned());
                    }
                });
        return widths.entrySet().stream()
                .flatMap(e -> e.getValue().stream().map(k -> with(e.getKey(), k)))
                .toList();
    }

    private static SortedSet<Integer> eighths(int channels) {
        return IntStream.rangeClosed(1, WIDTHS)
                .mapToObj(eighth -> Math.ceilDiv(channels * eighth, WIDTHS))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Workload with(Workload workload, int k) {
        Convolution c = convolution(workload);
        return new Workload(
                c.with(c.n(), c.c(), k), workload.pass(), workload.dataType(), workload.mathMode(), workload.layout());
    }

    private static Convolution convolution(Workload workload) {
        return (Convolution) workload.operation();
    }
}
