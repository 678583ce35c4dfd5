package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.secateur.harness.loop.OnDemandCosts;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.Additivity;
import org.secateur.results.core.cost.Additivity.Observation;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.cost.StepCost;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * How far predictions are off: random prunings of a network, each predicted from its rows, of which missing ones are
 * measured first, and measured as a whole step right after. The first few fit a correction and count no further. A
 * pruning without a single time, predicted or measured, is left out.
 */
final class PredictionTrial {
    /** The narrowest that a group becomes, as a part of its channels. */
    private static final double NARROWEST = 0.25;

    private final Network network;
    private final int batch;
    private final Arithmetic arithmetic;
    private final OnDemandCosts costs;
    private final SamplerOptions rows;
    private final Function<Network, Timing> step;
    private final Consumer<String> progress;

    /**
     * A trial.
     *
     * @param batch images of a step
     * @param costs the table, which grows by what is missing
     * @param rows how missing rows are measured
     * @param step measures a network's whole step
     */
    PredictionTrial(
            Network network,
            int batch,
            Arithmetic arithmetic,
            OnDemandCosts costs,
            SamplerOptions rows,
            Function<Network, Timing> step,
            Consumer<String> progress) {
        this.network = network;
        this.batch = batch;
        this.arithmetic = arithmetic;
        this.costs = costs;
        this.rows = rows;
        this.step = step;
        this.progress = progress;
    }

    /** One pruning: its widths, the sum of its rows, and its step as measured with its flags, both in seconds. */
    record Pruning(
            Map<String, Integer> widths,
            int operations,
            double predictedSeconds,
            Quantity.Known measuredSeconds,
            Set<Flag> flags) {
        private Observation observation() {
            return new Observation(predictedSeconds, operations, measured());
        }

        private double measured() {
            return measuredSeconds.number().value();
        }

        /** Predicted / measured - 1 under a correction. */
        double error(Additivity correction) {
            return (correction.scale() * predictedSeconds + correction.secondsPerOperation() * operations) / measured()
                    - 1;
        }
    }

    /** The median and the largest of |predicted / measured - 1|. */
    record Errors(double median, double worst) {
        static Errors of(List<Pruning> prunings, Additivity correction) {
            double[] errors = prunings.stream()
                    .mapToDouble(p -> Math.abs(p.error(correction)))
                    .toArray();
            return new Errors(
                    OrderStatistics.median(errors), Arrays.stream(errors).max().orElseThrow());
        }
    }

    /**
     * What came of it.
     *
     * @param fitted prunings that the correction was fitted on
     * @param judged the others, over which the errors are
     * @param skipped why further ones were left out, one sentence each
     * @param plain errors of the sums of rows
     * @param corrected errors after the correction; the same as {@code plain} where none was fitted
     */
    record Result(
            List<Pruning> fitted,
            List<Pruning> judged,
            List<String> skipped,
            Additivity correction,
            Errors plain,
            Errors corrected) {}

    /**
     * Draws, measures and judges.
     *
     * @param count prunings to judge by, at least 1
     * @param fit prunings before those that the correction is fitted on, at least 0
     */
    Result run(int count, int fit, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Pruning> fitted = new ArrayList<>();
        List<Pruning> judged = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        for (int i = 0; i < fit + count; i++) {
            String which = "pruning " + (i + 1) + " of " + (fit + count) + ": ";
            Map<String, Integer> widths = draw(random);
            Network cut = cut(network, widths);
            StepProgram program = arithmetic.training(cut, batch);
            switch (predicted(program)) {
                case Quantity.Missing missing -> skipped.add(which + missing.reason());
                case Quantity.Known sum -> {
                    Timing timing = step.apply(cut);
                    switch (timing.seconds()) {
                        case Quantity.Missing missing -> skipped.add(which + missing.reason());
                        case Quantity.Known measured -> {
                            Pruning pruning = new Pruning(
                                    widths,
                                    program.instructions().size(),
                                    sum.number().value(),
                                    measured,
                                    timing.flags());
                            (i < fit ? fitted : judged).add(pruning);
                            progress.accept(which
                                    + String.format(
                                            Locale.ROOT,
                                            "predicted %.1f ms, measured %.1f ms",
                                            1e3 * pruning.predictedSeconds(),
                                            1e3 * pruning.measured()));
                        }
                    }
                }
            }
        }
        if (judged.isEmpty()) {
            throw new SecateurException(
                    ExitCode.FAILED,
                    "no pruning has a single time",
                    String.join("; ", skipped),
                    "use a quieter machine");
        }
        Additivity correction = fitted.isEmpty()
                ? Additivity.IDENTITY
                : Additivity.fit(fitted.stream().map(Pruning::observation).toList());
        return new Result(
                fitted,
                judged,
                skipped,
                correction,
                Errors.of(judged, Additivity.IDENTITY),
                Errors.of(judged, correction));
    }

    /** A width for every group, uniformly from a quarter of its channels to all. */
    private Map<String, Integer> draw(SplittableRandom random) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        for (ChannelGroup group : ChannelGroups.of(network).prunable()) {
            int narrowest = (int) Math.ceil(NARROWEST * group.channels());
            widths.put(group.id(), random.nextInt(narrowest, group.channels() + 1));
        }
        return widths;
    }

    /** A network of which each group keeps its first channels. */
    static Network cut(Network network, Map<String, Integer> widths) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        widths.forEach(
                (group, width) -> kept.put(group, IntStream.range(0, width).toArray()));
        return Surgery.shrink(network, kept);
    }

    /** The sum of a program's rows, of which missing ones are measured first; those with two modes once more. */
    private Quantity predicted(StepProgram program) {
        MeasuredCosts known = new MeasuredCosts(costs.snapshot());
        List<Workload> missing = program.instructions().stream()
                .map(Instruction::workload)
                .filter(w -> known.predict(w).seconds().estimate().isEmpty())
                .toList();
        costs.measure(missing, rows, Double.MAX_VALUE);
        costs.measure(missing, rows, Double.MAX_VALUE);
        Optional<String> refusal = missing.stream()
                .flatMap(workload -> costs.refusal(workload).stream())
                .findFirst();
        if (refusal.isPresent()) {
            return Quantity.unavailable(refusal.get());
        }
        return StepCost.predict(program, new MeasuredCosts(costs.snapshot()))
                .total()
                .seconds();
    }
}
