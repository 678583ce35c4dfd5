package org.secateur.profilers.core.energy;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.EnergySample;
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
    private static final double CONFIDENCE = 0.95;

    /** A sensor that cannot be calibrated so many times will not be. */
    private static final int CALIBRATIONS = 3;

    private final MeteredDevice device;
    private final EnergyOptions options;
    private final HostTime time;
    private final RandomGenerator random;
    private @Nullable SensorCalibration sensors;
    private int failures;

    /**
     * A gauge. It opens the device's counter anew for each measurement, since one that is not read for minutes may wrap
     * unseen.
     *
     * @param seed of the windows' order and the rests
     */
    public CountedEnergy(MeteredDevice device, EnergyOptions options, HostTime time, long seed) {
        this.device = device;
        this.options = options;
        this.time = time;
        this.random = new SplittableRandom(seed);
    }

    @Override
    public GaugedEnergy energy(Kernel kernel, Quantity seconds) {
        if (!(seconds instanceof Quantity.Known known)) {
            return GaugedEnergy.of(seconds);
        }
        try (Load load = load(kernel, known.number())) {
            EnergySource source = device.energySource();
            SensorCalibration calibrated = calibrated(source, load);
            EnergyMeasurement measured = meter(source, calibrated).measure(load);
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
        try (Load reference = load(baseline, first.number());
                Load load = load(candidate, second.number())) {
            EnergySource source = device.energySource();
            SensorCalibration calibrated = calibrated(source, reference);
            EnergyMeasurement measured = meter(source, calibrated).measure(load, reference);
            if (measured.windows().isEmpty()) {
                return missing(measured.joules());
            }
            double[] below = perLaunch(measured.references());
            Quantity joules = Quantity.measured(OrderStatistics.median(below, CONFIDENCE));
            return new PairedEnergy(
                    gauged(joules, measured.references(), measured, source, calibrated),
                    gauged(measured.joules(), measured.windows(), measured, source, calibrated),
                    Optional.of(PairedComparison.of(below, perLaunch(measured.windows()), delta, CONFIDENCE)));
        } catch (SecateurException e) {
            return missing(Quantity.unavailable(e.what()));
        }
    }

    @Override
    public Map<String, Double> calibration() {
        return sensors == null ? Map.of() : sensors.readings();
    }

    private static PairedEnergy missing(Quantity why) {
        return new PairedEnergy(GaugedEnergy.of(why), GaugedEnergy.of(why), Optional.empty());
    }

    private static double[] perLaunch(List<EnergyWindow> windows) {
        return windows.stream().mapToDouble(EnergyWindow::joulesPerLaunch).toArray();
    }

    private SensorCalibration calibrated(EnergySource source, Load load) {
        if (sensors == null) {
            if (failures == CALIBRATIONS) {
                throw SecateurException.environment(
                        "the energy sensors could not be calibrated", source.device(), "measure on an idle device");
            }
            failures++;
            sensors = new SensorCalibrator(source, options, time).calibrate(load);
        }
        return sensors;
    }

    private EnergyMeter meter(EnergySource source, SensorCalibration calibrated) {
        return new EnergyMeter(source, calibrated, options, time, random.nextLong());
    }

    private Load load(Kernel kernel, Estimate seconds) {
        return device.load(kernel, time, seconds.value());
    }

    private static GaugedEnergy gauged(
            Quantity joules,
            List<EnergyWindow> windows,
            EnergyMeasurement measured,
            EnergySource source,
            SensorCalibration calibrated) {
        Map<String, Double> readings = new TreeMap<>(calibrated.readings());
        source.counter().powerLimitWatts().ifPresent(limit -> readings.put(Plausibility.LIMIT_WATTS, limit));
        readings.put(Plausibility.GAIN_ERROR, source.absoluteError());
        if (!windows.isEmpty()) {
            readings.put(
                    Plausibility.WATTS,
                    OrderStatistics.median(
                            windows.stream().mapToDouble(EnergyWindow::watts).toArray()));
        }
        DoubleSummaryStatistics celsius = windows.stream()
                .flatMap(window -> Stream.of(window.before(), window.after()))
                .flatMapToDouble(state -> state.temperatureCelsius().stream())
                .summaryStatistics();
        if (celsius.getCount() > 0) {
            readings.put("energyLowestCelsius", celsius.getMin());
            readings.put("energyHighestCelsius", celsius.getMax());
        }
        List<EnergySample> samples = windows.stream()
                .map(window -> new EnergySample(window.launches(), window.joules(), window.seconds()))
                .toList();
        return new GaugedEnergy(joules, samples, measured.flags(), readings);
    }
}
