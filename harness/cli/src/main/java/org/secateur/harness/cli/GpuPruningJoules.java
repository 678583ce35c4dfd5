package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.secateur.harness.cli.GpuPruningSeconds.Timed;
import org.secateur.harness.cli.GpuPrunings.Draw;
import org.secateur.harness.cli.PredictionTrial.Pruning;
import org.secateur.profilers.core.energy.EnergyMeasurement;
import org.secateur.profilers.core.energy.EnergyOptions;
import org.secateur.profilers.core.energy.MeteredDevice;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.cost.Additivity;
import org.secateur.results.core.statistics.OrderStatistics;
import org.secateur.results.store.QuantityJson;

/**
 * The phase that judges power times corrected sums of rows by the joules of whole training steps: of the prunings that
 * {@link GpuPruningSeconds} has timed.
 */
final class GpuPruningJoules {
    static final String NAME = "resnet50-joules";

    /** How many are judged, and how far off they may be. */
    private static final int JUDGED = 8;

    private static final double MEDIAN_ERROR = 0.05;

    private final GpuBench bench;
    private final GpuPrunings prunings;
    private final GpuEnergyPhases energy;

    GpuPruningJoules(GpuBench bench, GpuPrunings prunings, GpuEnergyPhases energy) {
        this.bench = bench;
        this.prunings = prunings;
        this.energy = energy;
    }

    /** Meters as many prunings as there is time for, and goes on with those that an earlier call has metered. */
    GpuFindings compare(Countdown time) {
        MeteredDevice device = bench.metered();
        List<Timed> timed = Timed.all(prunings.known(GpuPruningSeconds.NAME));
        if (timed.stream().noneMatch(Timed::fitted)) {
            throw SecateurException.environment(
                    "no step was timed whose energy could be told", device.id(), "see phase " + GpuPruningSeconds.NAME);
        }
        Additivity correction = GpuPruningSeconds.correction(timed);
        List<Object> metered = prunings.known(NAME);
        List<String> missing = new ArrayList<>();
        boolean complete = true;
        double longest = GpuShapePhases.stepSeconds(0) + GpuEnergyPhases.ONE_SECONDS;
        for (Timed next : timed) {
            Pruning pruning = next.pruning();
            Draw draw = new Draw(pruning.widths(), next.fitted());
            if (GpuPrunings.contains(metered, draw) || GpuPrunings.enough(metered, draw, JUDGED)) {
                continue;
            }
            if (!time.has(longest)) {
                complete = false;
                break;
            }
            double left = time.left();
            StepProgram program = prunings.step(pruning.widths());
            EnergyMeasurement measured = energy.measured(device, () -> device.open(program), EnergyOptions.quick());
            longest = Math.max(longest, left - time.left());
            if (measured.joules() instanceof Quantity.Missing none) {
                missing.add(draw.widths() + ": " + none.reason());
                continue;
            }
            Map<String, Object> json = GpuPrunings.json(draw);
            json.put("macs", next.macs());
            json.put(
                    "correctedSeconds",
                    correction.scale() * pruning.predictedSeconds()
                            + correction.secondsPerOperation() * pruning.operations());
            json.put("joules", QuantityJson.of(measured.joules(), measured.flags()));
            json.put("watts", QuantityJson.of(measured.watts(), measured.flags()));
            metered.add(json);
        }
        GpuFindings found = new GpuFindings().put(GpuPrunings.LIST, metered).put("missing", missing);
        judged(found, Metered.all(metered));
        return complete && enoughTimed(timed) ? found : found.incomplete();
    }

    private static boolean enoughTimed(List<Timed> timed) {
        return timed.stream().filter(t -> !t.fitted()).count() >= JUDGED;
    }

    /** A pruning whose energy was measured, with the corrected sum of its rows. */
    private record Metered(boolean fitted, double seconds, double macs, double joules) {
        static List<Metered> all(List<Object> entries) {
            return entries.stream().flatMap(entry -> read(entry).stream()).toList();
        }

        private static Optional<Metered> read(Object entry) {
            return entry instanceof Map<?, ?> map
                            && map.get("correctedSeconds") instanceof Number seconds
                            && map.get("macs") instanceof Number macs
                            && GpuPrunings.quantity(map.get("joules")) instanceof Quantity.Known joules
                    ? Optional.of(new Metered(
                            GpuPrunings.isFitted(map),
                            seconds.doubleValue(),
                            macs.doubleValue(),
                            joules.number().value()))
                    : Optional.empty();
        }

        double error(Power power) {
            return Math.abs(power.joules(seconds, macs) / joules - 1);
        }
    }

    /** A device's power: what it draws at work, and what each multiply-accumulate adds. */
    private record Power(double watts, double joulesPerMac) {
        double joules(double seconds, double macs) {
            return watts * seconds + joulesPerMac * macs;
        }

        /** With the least squared relative error; of one power for all where steps cannot tell the two parts apart. */
        static Power fit(List<Metered> steps) {
            double xx = 0;
            double xy = 0;
            double yy = 0;
            double x = 0;
            double y = 0;
            for (Metered step : steps) {
                double seconds = step.seconds() / step.joules();
                double macs = step.macs() / step.joules();
                xx += seconds * seconds;
                xy += seconds * macs;
                yy += macs * macs;
                x += seconds;
                y += macs;
            }
            double determinant = xx * yy - xy * xy;
            if (determinant > 1e-6 * xx * yy) {
                Power power = new Power((x * yy - y * xy) / determinant, (y * xx - x * xy) / determinant);
                if (power.watts() > 0 && power.joulesPerMac() >= 0) {
                    return power;
                }
            }
            return new Power(x / xx, 0);
        }
    }

    private static void judged(GpuFindings found, List<Metered> all) {
        List<Metered> fitted = all.stream().filter(Metered::fitted).toList();
        List<Metered> judged = all.stream().filter(m -> !m.fitted()).toList();
        found.put("judged", judged.size());
        if (fitted.isEmpty()) {
            return;
        }
        Power power = Power.fit(fitted);
        Map<String, Object> fit = new LinkedHashMap<>();
        fit.put("watts", power.watts());
        fit.put("joulesPerMac", power.joulesPerMac());
        fit.put("fittedOn", fitted.size());
        found.put("power", fit);
        if (!judged.isEmpty()) {
            double[] errors = judged.stream().mapToDouble(m -> m.error(power)).toArray();
            double median = OrderStatistics.median(errors);
            found.put("medianError", median)
                    .put("worstError", Arrays.stream(errors).max().orElseThrow())
                    .put(
                            "met",
                            judged.size() < JUDGED
                                    ? GpuPrunings.tooFew(judged.size(), JUDGED)
                                    : median <= MEDIAN_ERROR);
        }
    }
}
