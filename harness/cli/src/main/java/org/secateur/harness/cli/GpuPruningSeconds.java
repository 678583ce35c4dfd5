package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.secateur.harness.cli.GpuPrunings.Draw;
import org.secateur.harness.cli.PredictionTrial.Errors;
import org.secateur.harness.cli.PredictionTrial.Pruning;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.Additivity;
import org.secateur.results.core.cost.Additivity.Observation;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.cost.StepCost;
import org.secateur.results.store.QuantityJson;

/** The phase that judges corrected sums of rows by the seconds of whole training steps of prunings. */
final class GpuPruningSeconds {
    static final String NAME = "resnet50-prunings";

    /** How many are judged, and how far off their sums may be. */
    private static final int JUDGED = 20;

    private static final double MEDIAN_ERROR = 0.03;
    private static final double WORST_ERROR = 0.08;

    /** Random prunings that are tried at most: one may lack a kernel, or a single time. */
    private static final int DRAWN = 2 * JUDGED;

    private final GpuBench bench;
    private final GpuPrunings prunings;

    GpuPruningSeconds(GpuBench bench, GpuPrunings prunings) {
        this.bench = bench;
        this.prunings = prunings;
    }

    /** Times as many prunings as there is time for, and goes on with those that an earlier call has timed. */
    GpuFindings compare(Countdown time) {
        List<Object> timed = prunings.known(NAME);
        List<String> skipped = new ArrayList<>();
        boolean complete = true;
        double longest = 0;
        for (Draw draw : prunings.draws(DRAWN)) {
            if (GpuPrunings.contains(timed, draw) || GpuPrunings.enough(timed, draw, JUDGED)) {
                continue;
            }
            StepProgram program = prunings.step(draw.widths());
            Set<WorkloadKey> keys = new LinkedHashSet<>();
            program.instructions().forEach(i -> keys.add(WorkloadKey.cold(i.workload())));
            // Later steps find most algorithms that the first one has searched.
            double reserved = longest > 0 ? longest : GpuShapePhases.stepSeconds(keys.size());
            if (!bench.measure(keys, new Countdown(time.clock(), time.end() - reserved)) || !time.has(reserved)) {
                complete = false;
                break;
            }
            double left = time.left();
            try {
                timed.add(timed(draw, program));
            } catch (IllegalArgumentException e) { // no kernel, or not a single time
                skipped.add(draw.widths() + ": " + e.getMessage());
            }
            longest = Math.max(longest, left - time.left());
        }
        GpuFindings found = new GpuFindings()
                .put("network", prunings.network().name())
                .put("batch", GpuPrunings.BATCH)
                .put("arithmetic", GpuPrunings.ARITHMETIC.json())
                .put(GpuPrunings.LIST, timed)
                .put("skipped", skipped);
        judged(found, Timed.all(timed));
        return complete ? found : found.incomplete();
    }

    private Map<String, Object> timed(Draw draw, StepProgram program) {
        Quantity sum = StepCost.predict(program, new MeasuredCosts(bench.table()))
                .total()
                .seconds();
        double predicted = number(sum);
        SamplerOptions options = SamplerOptions.thorough().withCapSeconds(GpuShapePhases.STEP_SECONDS);
        Timing timing =
                bench.sampler(options).time(bench.device(), () -> bench.device().open(program));
        number(timing.seconds());
        Map<String, Object> json = GpuPrunings.json(draw);
        json.put("operations", program.instructions().size());
        json.put("macs", macs(program));
        json.put("predictedSeconds", predicted);
        json.put("measuredSeconds", QuantityJson.of(timing.seconds(), timing.flags()));
        return json;
    }

    private static double macs(StepProgram program) {
        return program.instructions().stream()
                .mapToDouble(i -> (double) i.workload().macs())
                .sum();
    }

    private static double number(Quantity quantity) {
        return switch (quantity) {
            case Quantity.Known known -> known.number().value();
            case Quantity.Missing missing -> throw new IllegalArgumentException(missing.reason());
        };
    }

    /** A pruning that was timed, as the findings hold it, and the multiply-accumulates of its step. */
    record Timed(Pruning pruning, boolean fitted, double macs) {
        static List<Timed> all(List<Object> entries) {
            return entries.stream().flatMap(entry -> read(entry).stream()).toList();
        }

        private static Optional<Timed> read(Object entry) {
            if (entry instanceof Map<?, ?> map
                    && map.get("operations") instanceof Number operations
                    && map.get("macs") instanceof Number macs
                    && map.get("predictedSeconds") instanceof Number predicted
                    && GpuPrunings.quantity(map.get("measuredSeconds")) instanceof Quantity.Known measured) {
                Pruning pruning = new Pruning(
                        GpuPrunings.widthsOf(map), operations.intValue(), predicted.doubleValue(), measured, Set.of());
                return Optional.of(new Timed(pruning, GpuPrunings.isFitted(map), macs.doubleValue()));
            }
            return Optional.empty();
        }

        Observation observation() {
            return new Observation(
                    pruning.predictedSeconds(),
                    pruning.operations(),
                    pruning.measuredSeconds().number().value());
        }
    }

    /** Fitted on what is there to fit on. */
    static Additivity correction(List<Timed> timed) {
        List<Observation> fitted =
                timed.stream().filter(Timed::fitted).map(Timed::observation).toList();
        return fitted.isEmpty() ? Additivity.IDENTITY : Additivity.fit(fitted);
    }

    private static void judged(GpuFindings found, List<Timed> timed) {
        List<Pruning> judged =
                timed.stream().filter(t -> !t.fitted()).map(Timed::pruning).toList();
        Additivity correction = correction(timed);
        Map<String, Object> fit = new LinkedHashMap<>();
        fit.put("scale", correction.scale());
        fit.put("secondsPerOperation", correction.secondsPerOperation());
        fit.put("fittedOn", timed.size() - judged.size());
        found.put("additivity", fit).put("judged", judged.size());
        if (!judged.isEmpty()) {
            Errors plain = Errors.of(judged, Additivity.IDENTITY);
            Errors corrected = Errors.of(judged, correction);
            found.put("plainMedianError", plain.median())
                    .put("plainWorstError", plain.worst())
                    .put("medianError", corrected.median())
                    .put("worstError", corrected.worst())
                    .put(
                            "met",
                            judged.size() < JUDGED
                                    ? GpuPrunings.tooFew(judged.size(), JUDGED)
                                    : corrected.median() <= MEDIAN_ERROR && corrected.worst() <= WORST_ERROR);
        }
    }
}
