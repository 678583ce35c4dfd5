package org.secateur.profilers.core.energy;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.energy.BoxcarFit.Boxcar;
import org.secateur.profilers.core.energy.BoxcarFit.Observation;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * Finds out what the sensors of a device are like, in some 42 seconds where the counter ticks ten times a second: the counter's tick, its jitter, the cost of reading
 * it and the rate at which that is safe; the power sensor's period, rise, window and delay; the idle power. It needs the
 * device for itself. Used by one thread.
 */
public final class SensorCalibrator {
    private static final double LEAD_IN_SECONDS = 2;
    /** Where the load has only just been away. */
    private static final double SHORT_LEAD_IN_SECONDS = 0.5;

    /** A counter without a tick for so long is frozen. */
    private static final double MOST_TICK_SECONDS = 20;

    private static final int TICKS = 30;

    /** After work, clocks and contexts stay up for a while: the idle state that measurements start from. */
    private static final double COOL_SECONDS = 10;

    /** Ticks are known to some 3 ms: two such windows of the same load differ by 0.2 %. */
    private static final double WINDOW_SECONDS = 2.5;

    private static final int WINDOW_TICKS = 5;
    private static final double POLL_SECONDS = 0.002;
    private static final double LEVEL_SECONDS = 0.5;
    /** The device is idle already. */
    private static final double IDLE_BEFORE_STEP_SECONDS = LEVEL_SECONDS + 0.1;

    private static final double STEP_SECONDS = 3;
    private static final double IDLE_AFTER_STEP_SECONDS = 1;

    /** A step below this share of the idle power is not seen. */
    private static final double LEAST_STEP = 0.05;

    /** Off a multiple of the sensor's period, in its periods: the load then meets each reading in another phase. */
    private static final double[] SCAN_OFFSETS = {-0.2, 0, 0.3};

    /** A load that queues cannot come and go much faster. */
    private static final double LEAST_SCAN_SECONDS = 0.08;

    private static final int SCAN_CYCLES = 20;

    /** A running mean rises from 10 to 90 % in this share of its window. */
    private static final double RISE_OF_WINDOW = 0.8;

    private static final double[] READ_HERTZ = {10, 200};
    private static final double SAFE_SHARE = 0.01;

    private final EnergySource source;
    private final HostTime time;
    private final EnergyOptions options;

    /** A calibrator of one device's sensors. */
    public SensorCalibrator(EnergySource source, EnergyOptions options, HostTime time) {
        this.source = source;
        this.time = time;
        this.options = options;
    }

    /**
     * Calibrates under a load, which should draw much more than the idle device and come in stretches of few
     * milliseconds.
     *
     * @throws SecateurException when a sensor does not work, with the name of its fault
     */
    public SensorCalibration calibrate(Load load) {
        try {
            SensorCalibration.Counter counter = counter(load);
            double hertz = safeReadHertz(load, counter); // at once, while the load is at its temperature
            double watts = idleWatts(counter);
            PowerSensor sensor = source.power();
            SensorCalibration.@Nullable Power power =
                    sensor == null ? null : power(sensor, load, counter.tickSeconds());
            return new SensorCalibration(
                    source.device(),
                    new SensorCalibration.Counter(
                            counter.tickSeconds(), counter.jitterSeconds(), counter.callSeconds(), hertz),
                    power,
                    watts);
        } catch (WindowException e) {
            throw broken(e.reason(), e);
        } finally {
            load.finish();
        }
    }

    private SecateurException broken(String what, Exception cause) {
        return new SecateurException(
                ExitCode.ENVIRONMENT,
                what,
                source.device(),
                "calibrate again on an idle device; without it energy stays unavailable",
                cause);
    }

    /** When a counter ticked, as closely as its readings tell, and what they cost. */
    private record Ticks(List<Double> moments, double changedShare, double callSeconds) {}

    private SensorCalibration.Counter counter(Load load) throws WindowException {
        load.run(LEAD_IN_SECONDS);
        double spacing = 1 / options.readHertz();
        Ticks ticks = ticks(load, spacing);
        while (ticks.changedShare() > 0.5 && spacing > 0) {
            spacing = spacing > 10 * ticks.callSeconds() ? spacing / 10 : 0;
            ticks = ticks(load, spacing);
        }
        load.finish();
        SimpleRegression line = periodic(ticks.moments(), median(gaps(ticks.moments())));
        return new SensorCalibration.Counter(
                line.getSlope(), Math.sqrt(line.getMeanSquareError()), ticks.callSeconds(), options.readHertz());
    }

    private Ticks ticks(Load load, double spacing) throws WindowException {
        List<Double> moments = new ArrayList<>();
        List<Double> calls = new ArrayList<>();
        double begin = time.seconds();
        double beforeSeconds = begin;
        double before = Double.NaN;
        while (moments.size() <= TICKS) {
            if (spacing > 0) {
                load.run(spacing);
            }
            double start = time.seconds();
            double joules = source.counter().joules();
            double end = time.seconds();
            double middle = (start + end) / 2;
            if (!Double.isFinite(joules)) {
                throw new WindowException(EnergyFault.COUNTER_INVALID, "it gave " + joules + " J");
            }
            if (joules != before && !calls.isEmpty()) {
                moments.add((beforeSeconds + middle) / 2);
            }
            calls.add(end - start);
            double since = middle - (moments.isEmpty() ? begin : moments.get(moments.size() - 1));
            if (since > MOST_TICK_SECONDS) {
                throw new WindowException(
                        EnergyFault.COUNTER_FROZEN, "it did not change in " + MOST_TICK_SECONDS + " s");
            }
            before = joules;
            beforeSeconds = middle;
        }
        return new Ticks(moments, (double) moments.size() / (calls.size() - 1), median(calls));
    }

    private static List<Double> gaps(List<Double> moments) {
        List<Double> gaps = new ArrayList<>();
        for (int i = 1; i < moments.size(); i++) {
            gaps.add(moments.get(i) - moments.get(i - 1));
        }
        return gaps;
    }

    private static double median(List<Double> values) {
        return OrderStatistics.median(
                values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** The line through moments that come once in each period of about {@code about}, some of them missed. */
    private static SimpleRegression periodic(List<Double> moments, double about) {
        SimpleRegression line = new SimpleRegression();
        double first = moments.get(0);
        long index = 0;
        line.addData(0, 0);
        for (int i = 1; i < moments.size(); i++) {
            index += Math.max(1, Math.round((moments.get(i) - moments.get(i - 1)) / about));
            line.addData((double) index, moments.get(i) - first);
        }
        return line;
    }

    private static double windowSeconds(SensorCalibration.Counter counter) {
        return Math.max(WINDOW_SECONDS, WINDOW_TICKS * counter.tickSeconds());
    }

    private double idleWatts(SensorCalibration.Counter counter) throws WindowException {
        time.sleep(COOL_SECONDS);
        return new WindowMeter(source, time, counter, options)
                .measure(Load.idle(time), windowSeconds(counter))
                .watts();
    }

    private SensorCalibration.Power power(PowerSensor sensor, Load load, double tickSeconds) {
        List<Observation> step = new ArrayList<>();
        poll(step, sensor, Load.idle(time), IDLE_BEFORE_STEP_SECONDS);
        double on = time.seconds();
        poll(step, sensor, load, STEP_SECONDS);
        double off = time.seconds();
        poll(step, sensor, Load.idle(time), IDLE_AFTER_STEP_SECONDS);
        double low = level(step, on);
        double high = level(step, off);
        if (!(high - low > LEAST_STEP * low)) {
            throw SecateurException.environment(
                    sensor.id() + " shows " + high + " W under load and " + low + " W without",
                    source.device(),
                    "calibrate with a load that draws more");
        }
        double rise = reaches(step, on, low + 0.9 * (high - low)) - reaches(step, on, low + 0.1 * (high - low));
        List<Observation> changes = changes(step);
        double update = changes.size() > TICKS ? median(gaps(moments(changes))) : tickSeconds;
        List<Observation> scan = changes(scan(sensor, load, update));
        List<Double> gaps = gaps(moments(scan));
        double least = gaps.stream().mapToDouble(Double::doubleValue).min().orElse(update);
        update = gaps.size() >= 2 ? periodic(moments(scan), least).getSlope() : update;
        Boxcar boxcar = rise > 2 * update
                ? new Boxcar(rise / RISE_OF_WINDOW, 0)
                : BoxcarFit.fit(scan, seconds -> load.at(seconds).busySeconds(), update);
        return new SensorCalibration.Power(
                update, rise, boxcar.delaySeconds(), boxcar.windowSeconds(), callSeconds(sensor));
    }

    private void poll(List<Observation> readings, PowerSensor sensor, Load load, double seconds) {
        double until = time.seconds() + seconds;
        while (time.seconds() < until) {
            load.run(POLL_SECONDS);
            readings.add(new Observation(time.seconds(), sensor.watts()));
        }
    }

    /** A load that comes and goes, at periods near the sensor's own or a multiple of it. */
    private List<Observation> scan(PowerSensor sensor, Load load, double update) {
        List<Observation> readings = new ArrayList<>();
        double multiple = Math.ceil(LEAST_SCAN_SECONDS / update);
        for (double offset : SCAN_OFFSETS) {
            double half = (multiple + offset) * update / 2;
            for (int i = 0; i < SCAN_CYCLES; i++) {
                poll(readings, sensor, load, half);
                poll(readings, sensor, Load.idle(time), half);
            }
        }
        load.finish();
        return readings;
    }

    /** The median reading of the last moments before {@code end}. */
    private static double level(List<Observation> readings, double end) {
        return median(readings.stream()
                .filter(r -> r.seconds() > end - LEVEL_SECONDS && r.seconds() <= end)
                .map(Observation::watts)
                .toList());
    }

    /** When the readings first reach a level after a moment. */
    private static double reaches(List<Observation> readings, double from, double watts) {
        return readings.stream()
                .filter(r -> r.seconds() > from && r.watts() >= watts)
                .mapToDouble(Observation::seconds)
                .findFirst()
                .orElse(from);
    }

    /** The readings that differ from the one before, as of the middle between the two. */
    private static List<Observation> changes(List<Observation> readings) {
        List<Observation> changes = new ArrayList<>();
        for (int i = 1; i < readings.size(); i++) {
            Observation before = readings.get(i - 1);
            Observation now = readings.get(i);
            if (now.watts() != before.watts()) {
                changes.add(new Observation((before.seconds() + now.seconds()) / 2, now.watts()));
            }
        }
        return changes;
    }

    private static List<Double> moments(List<Observation> readings) {
        return readings.stream().map(Observation::seconds).toList();
    }

    private double callSeconds(PowerSensor sensor) {
        List<Double> calls = new ArrayList<>();
        for (int i = 0; i < TICKS; i++) {
            double start = time.seconds();
            sensor.watts();
            calls.add(time.seconds() - start);
        }
        return median(calls);
    }

    /** The highest of some rates at which the same load still seems to draw what it does when hardly looked at. */
    private double safeReadHertz(Load load, SensorCalibration.Counter counter) throws WindowException {
        double alone = watts(load, counter, WindowMeter.WATCH_SECONDS);
        double safe = 1 / WindowMeter.WATCH_SECONDS;
        for (double hertz : READ_HERTZ) {
            if (Math.abs(watts(load, counter, 1 / hertz) / alone - 1) > SAFE_SHARE) {
                return safe;
            }
            safe = hertz;
        }
        double most = 1 / Math.max(counter.callSeconds(), 1e-6);
        return Math.abs(watts(load, counter, 1 / most) / alone - 1) > SAFE_SHARE ? safe : Math.max(safe, most);
    }

    private double watts(Load load, SensorCalibration.Counter counter, double watchSeconds) throws WindowException {
        load.run(SHORT_LEAD_IN_SECONDS);
        return new WindowMeter(source, time, counter, options)
                .measure(load, windowSeconds(counter), watchSeconds)
                .watts();
    }
}
