package org.secateur.profilers.core.energy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.Flag;

/**
 * Measures the energy of one launch of a load: trials of a rest of random length, a lead-in of the same load and a
 * window between two ticks of the counter. The windows have three lengths, in random order, so that a bias at their
 * edges shows as the intercept of energy over launches. With a reference load each trial becomes a round of both, in
 * random order. A trial is rejected by a recorded cause only; too many rejections, and faults that would meet every
 * trial, leave no number.
 *
 * <p>Used by one thread, which must be the only one that works on the device.
 */
public final class EnergyMeter {
    /** The windows' lengths, relative to the shortest. */
    private static final double[] LENGTHS = {1, 1.5, 2};

    /** Lead-in, relative to the sensor's rise. */
    private static final double RISES = 3;

    /** Ends of a window uncertain by half a reading's spacing each are below a quarter of a percent of so many spacings. */
    private static final double SPACINGS = 200;

    private static final double IDLE_SECONDS = 1;
    private static final int IDLE_TICKS = 10;
    private static final double CELSIUS = 1;
    private static final double SETTLE_SLICE_SECONDS = 0.1;
    private static final double MOST_SETTLE_SECONDS = 120;

    private final EnergySource source;
    private final SensorCalibration calibration;
    private final EnergyOptions options;
    private final HostTime time;
    private final RandomGenerator random;

    /**
     * A meter of one device.
     *
     * @param seed of the windows' order, the rests and the rounds
     * @throws IllegalArgumentException when the calibration belongs to another device
     */
    public EnergyMeter(
            EnergySource source, SensorCalibration calibration, EnergyOptions options, HostTime time, long seed) {
        if (!source.device().equals(calibration.device())) {
            throw new IllegalArgumentException(
                    "calibration of " + calibration.device() + " cannot serve " + source.device() + ": calibrate it");
        }
        this.source = source;
        this.calibration = calibration;
        this.options = options;
        this.time = time;
        this.random = new SplittableRandom(seed);
    }

    /** One load whose windows go into a result, with the meter that knows its clock. */
    private record Metered(Load load, WindowMeter meter, List<EnergyWindow> windows) {}

    /** The energy of a load by itself. */
    public EnergyMeasurement measure(Load load) {
        return measureAll(load, null);
    }

    /** The energy of a load, also as a ratio to that of a reference whose windows are taken in the same rounds. */
    public EnergyMeasurement measure(Load load, Load reference) {
        return measureAll(load, reference);
    }

    private EnergyMeasurement measureAll(Load load, @Nullable Load reference) {
        List<Metered> loads = new ArrayList<>();
        loads.add(metered(load));
        if (reference != null) {
            loads.add(metered(reference));
        }
        Map<String, Integer> discarded = new TreeMap<>();
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        try {
            gate();
        } catch (WindowException e) {
            return missing(e, discarded, flags);
        }
        double[] lengths = lengths();
        int rejected = 0;
        int done = 0;
        while (done < lengths.length) {
            try {
                round(loads, lengths[done], flags);
                done++;
            } catch (WindowException e) {
                rejected++;
                discarded.merge(e.fault().text(), 1, Integer::sum);
                flag(e, flags);
                if (e.fault().endsMeasurement() || rejected > options.discardShare() * (lengths.length + rejected)) {
                    return missing(e, discarded, flags);
                }
            }
        }
        return EnergyMeasurement.of(
                loads.get(0).windows(),
                reference == null ? List.of() : loads.get(1).windows(),
                discarded,
                flags,
                calibration.idleWatts(),
                options,
                source.absoluteError());
    }

    private Metered metered(Load load) {
        return new Metered(load, meter(), new ArrayList<>(options.trials()));
    }

    private WindowMeter meter() {
        return new WindowMeter(source, time, calibration.counter(), options);
    }

    private EnergyMeasurement missing(WindowException last, Map<String, Integer> discarded, Set<Flag> flags) {
        flag(last, flags);
        String counts = discarded.isEmpty() ? "" : "; trials rejected: " + discarded;
        return EnergyMeasurement.missing(last.reason() + counts, discarded, flags, source.absoluteError());
    }

    private static void flag(WindowException rejection, Set<Flag> flags) {
        if (rejection.fault() == EnergyFault.THROTTLED) {
            flags.add(Flag.ENERGY_THROTTLED);
        }
        if (rejection.fault() == EnergyFault.FOREIGN_PROCESS) {
            flags.add(Flag.ENERGY_CONTENDED);
        }
    }

    /** Refuses a device on which somebody else works, seen or, as from a container, by its power only. */
    private void gate() throws WindowException {
        time.sleep(leadInSeconds());
        double watts = meter().measure(Load.idle(time), Math.max(IDLE_SECONDS, IDLE_TICKS * tick()))
                .watts();
        if (watts > calibration.idleWatts() + options.foreignWatts()) {
            throw new WindowException(
                    EnergyFault.FOREIGN_PROCESS,
                    String.format(
                            Locale.ROOT,
                            "the idle device draws %.1f W, calibrated were %.1f W",
                            watts,
                            calibration.idleWatts()));
        }
    }

    /** One length for each trial, each as often as the others, in random order. */
    private double[] lengths() {
        double shortest = Math.max(
                options.windowSeconds(), Math.max(options.windowTicks() * tick(), SPACINGS * meter().spacingSeconds()));
        List<Double> lengths = new ArrayList<>();
        for (int i = 0; i < options.trials(); i++) {
            lengths.add(shortest * LENGTHS[i % LENGTHS.length]);
        }
        Collections.shuffle(lengths, random);
        return lengths.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** A clean window of every load, or none. */
    private void round(List<Metered> loads, double seconds, Set<Flag> flags) throws WindowException {
        List<Metered> order = new ArrayList<>(loads);
        Collections.shuffle(order, random);
        List<EnergyWindow> windows = new ArrayList<>();
        for (Metered next : order) {
            windows.add(trial(next, seconds, flags));
        }
        for (int i = 0; i < order.size(); i++) {
            order.get(i).windows().add(windows.get(i));
        }
    }

    private EnergyWindow trial(Metered metered, double seconds, Set<Flag> flags) throws WindowException {
        time.sleep(options.restSeconds() * (0.5 + random.nextDouble()) + tick() * random.nextDouble());
        options.start().ifPresent(celsius -> {
            if (!settle(metered.load(), celsius)) {
                flags.add(Flag.ENERGY_UNSETTLED);
            }
        });
        metered.load().run(leadInSeconds());
        EnergyWindow window = metered.meter().measure(metered.load(), seconds);
        if (!(window.launches() > 0)) {
            throw new WindowException(EnergyFault.LOAD_GAPS, "no launch was done in " + window.seconds() + " s");
        }
        return window;
    }

    /** Heats or cools the device to a temperature; false where it cannot be brought there or told. */
    private boolean settle(Load load, double celsius) {
        double until = time.seconds() + MOST_SETTLE_SECONDS;
        while (time.seconds() < until) {
            OptionalDouble now = source.state().get().temperatureCelsius();
            if (now.isEmpty()) {
                return false;
            }
            if (Math.abs(now.getAsDouble() - celsius) <= CELSIUS) {
                return true;
            }
            if (now.getAsDouble() < celsius) {
                load.run(SETTLE_SLICE_SECONDS);
            } else {
                load.finish();
                time.sleep(SETTLE_SLICE_SECONDS);
            }
        }
        return false;
    }

    private double leadInSeconds() {
        return Math.max(options.leadInSeconds(), RISES * calibration.riseSeconds());
    }

    private double tick() {
        return calibration.counter().tickSeconds();
    }
}
