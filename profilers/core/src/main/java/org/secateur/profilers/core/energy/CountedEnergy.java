package org.secateur.profilers.core.energy;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.cost.Plausibility;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;
import org.secateur.results.core.statistics.PairedComparison;

/**
 * Energy by a device's counter, measured under a load of the kernel's own launches. The sensors are calibrated with the
 * first kernel, in about a minute. What cannot be measured is missing, with the reason.
 */
public final class CountedEnergy implements EnergyGauge {
    /** Between two looks at the clock: long beside a synchronisation, short beside a window. */
    private static final double STRETCH_SECONDS = 0.02;

    private static final double CONFIDENCE = 0.95;

    /** A sensor that cannot be calibrated so many times will not be. */
    private static final int CALIBRATIONS = 3;

    private final Supplier<EnergySource> sources;
    private final EnergyOptions options;
    private final HostTime time;
    private final RandomGenerator random;
    private @Nullable SensorCalibration sensors;
    private int failures;

    /**
     * A gauge.
     *
     * @param sources opens the counter anew for each measurement, since one that is not read for minutes may wrap unseen
     * @param seed of the windows' order and the rests
     */
    public CountedEnergy(Supplier<EnergySource> sources, EnergyOptions options, HostTime time, long seed) {
        this.sources = sources;
        this.options = options;
        this.time = time;
        this.random = new SplittableRandom(seed);
    }

    @Override
    public GaugedEnergy energy(Kernel kernel, Quantity seconds) {
        if (!(seconds instanceof Quantity.Known known)) {
            return GaugedEnergy.of(seconds);
        }
        try {
            EnergySource source = sources.get();
            SensorCalibration calibrated = calibrated(source, kernel, known.number());
            EnergyMeasurement measured = meter(source, calibrated).measure(load(kernel, known.number()));
            return gauged(measured.joules(), measured.windows(), measured, source, calibrated);
        } catch (SecateurException e) {
            return GaugedEnergy.of(Quantity.unavailable(e.what()));
        }
    }

    @Override
    public PairedEnergy compare(
            Kernel baseline, Quantity baselineSeconds, Kernel candidate, Quantity candidateSeconds, double delta) {
        if (!(baselineSeconds instanceof Quantity.Known first)) {
            return missing(baselineSeconds);
        }
        if (!(candidateSeconds instanceof Quantity.Known second)) {
            return missing(candidateSeconds);
        }
        try {
            EnergySource source = sources.get();
            SensorCalibration calibrated = calibrated(source, baseline, first.number());
            EnergyMeasurement measured =
                    meter(source, calibrated).measure(load(candidate, second.number()), load(baseline, first.number()));
            if (measured.windows().isEmpty()) {
                return missing(measured.joules());
            }
            double[] below = perLaunch(measured.references());
            Quantity reference = Quantity.measured(OrderStatistics.median(below, CONFIDENCE));
            return new PairedEnergy(
                    gauged(reference, measured.references(), measured, source, calibrated),
                    gauged(measured.joules(), measured.windows(), measured, source, calibrated),
                    Optional.of(PairedComparison.of(below, perLaunch(measured.windows()), delta, CONFIDENCE)));
        } catch (SecateurException e) {
            return missing(Quantity.unavailable(e.what()));
        }
    }

    private static PairedEnergy missing(Quantity why) {
        return new PairedEnergy(GaugedEnergy.of(why), GaugedEnergy.of(why), Optional.empty());
    }

    private static double[] perLaunch(List<EnergyWindow> windows) {
        return windows.stream().mapToDouble(EnergyWindow::joulesPerLaunch).toArray();
    }

    private SensorCalibration calibrated(EnergySource source, Kernel kernel, Estimate seconds) {
        if (sensors == null) {
            if (failures == CALIBRATIONS) {
                throw SecateurException.environment(
                        "the energy sensors could not be calibrated", source.device(), "measure on an idle device");
            }
            failures++;
            sensors = new SensorCalibrator(source, options, time).calibrate(load(kernel, seconds));
        }
        return sensors;
    }

    private EnergyMeter meter(EnergySource source, SensorCalibration calibrated) {
        return new EnergyMeter(source, calibrated, options, time, random.nextLong());
    }

    private Load load(Kernel kernel, Estimate seconds) {
        int launches = (int) Math.clamp(Math.ceil(STRETCH_SECONDS / seconds.value()), 1.0, 1e6);
        return new SynchronousLoad(kernel, time, launches);
    }

    private static GaugedEnergy gauged(
            Quantity joules,
            List<EnergyWindow> windows,
            EnergyMeasurement measured,
            EnergySource source,
            SensorCalibration calibrated) {
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        flags.addAll(measured.flags());
        flags.remove(Flag.WIDE);
        Map<String, Double> readings = new TreeMap<>(calibrated.readings());
        readings.put(Plausibility.LIMIT_WATTS, source.counter().limitWatts());
        readings.put("energyAbsoluteError", source.absoluteError());
        if (!windows.isEmpty()) {
            readings.put(
                    Plausibility.WATTS,
                    OrderStatistics.median(
                            windows.stream().mapToDouble(EnergyWindow::watts).toArray()));
        }
        List<EnergySample> samples = windows.stream()
                .map(window -> new EnergySample(window.launches(), window.joules(), window.seconds()))
                .toList();
        return new GaugedEnergy(joules, samples, flags, readings);
    }
}
