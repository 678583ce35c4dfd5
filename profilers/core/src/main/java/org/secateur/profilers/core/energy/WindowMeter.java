package org.secateur.profilers.core.energy;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.SecateurException;

/**
 * Measures windows of energy that begin and end on a tick of the counter. The counter is read at the edges, and between
 * them only as often as its faults must be seen. Each fault ends the window by its name. One meter serves one load.
 */
final class WindowMeter {
    /** Ticks closer than this are waited for by reading without pause, since that takes no longer than a few of them. */
    private static final double FAST_TICK_SECONDS = 0.005;

    /** Readings over so many ticks must find one. */
    private static final double TICKS_PER_SEARCH = 1.5;

    private static final double FAST_TICKS_PER_SEARCH = 20;

    /** The counter is read, and the state looked at, about every second between the edges. */
    static final double WATCH_SECONDS = 1;

    /** Power is sampled at most at 50 Hz. */
    private static final double SAMPLE_SECONDS = 0.02;

    /** After a fall the counter gets so many ticks to come back. */
    private static final int TICKS_TO_RECOVER = 5;

    /** A clock so much below the highest one seen is lowered: work under one load does not change it that far. */
    private static final double CLOCK_DROP = 0.05;

    private record Reading(double seconds, double joules) {}

    /** A tick, between two readings. */
    private record Edge(double seconds, double joules, double uncertainty) {}

    private final EnergySource source;
    private final HostTime time;
    private final SensorCalibration.Counter counter;
    private final int readsPerEdge;
    private final double spacing;
    private final double gapShare;
    private @Nullable Reading last;
    private double highestClock;
    /** The greatest total ever read: where one jumps back to it, the reading before was a glitch. */
    private double highestJoules;

    WindowMeter(EnergySource source, HostTime time, SensorCalibration.Counter counter, EnergyOptions options) {
        this.source = source;
        this.time = time;
        this.counter = counter;
        this.gapShare = options.gapShare();
        if (counter.tickSeconds() <= FAST_TICK_SECONDS) {
            this.spacing = 0;
            this.readsPerEdge = (int) Math.clamp(
                    Math.ceil(FAST_TICKS_PER_SEARCH * counter.tickSeconds() / Math.max(counter.callSeconds(), 1e-7)),
                    options.readsPerEdge(),
                    10_000_000);
        } else {
            this.readsPerEdge = options.readsPerEdge();
            this.spacing = Math.max(
                    1 / Math.min(options.readHertz(), counter.safeReadHertz()),
                    TICKS_PER_SEARCH * counter.tickSeconds() / options.readsPerEdge());
        }
    }

    /** Seconds between two readings at an edge; the window's length is known to about half of it. */
    double spacingSeconds() {
        return spacing;
    }

    /** A window of about so many seconds over a load that runs already. The load has finished when it returns. */
    EnergyWindow measure(Load load, double seconds) throws WindowException {
        return measure(load, seconds, Math.max(WATCH_SECONDS, TICKS_TO_RECOVER * counter.tickSeconds()));
    }

    /** The same with another time between two looks at the counter inside the window. */
    EnergyWindow measure(Load load, double seconds, double watchSeconds) throws WindowException {
        last = null;
        try {
            BoardState before = source.state().get();
            watch(before, before);
            Edge start = edge(load);
            PowerIntegral integral = new PowerIntegral(source.power(), time);
            double until = start.seconds() + seconds;
            double nextLook = start.seconds() + watchSeconds;
            for (double now = time.seconds(); now < until; now = time.seconds()) {
                load.run(Math.min(Math.min(SAMPLE_SECONDS, watchSeconds), until - now));
                integral.sample();
                if (time.seconds() >= nextLook) {
                    nextLook += watchSeconds;
                    look(load);
                    watch(before, source.state().get());
                }
            }
            Edge end = edge(load);
            BoardState after = source.state().get();
            watch(before, after);
            load.finish();
            return window(load, start, end, integral, before, after);
        } finally {
            load.finish();
        }
    }

    private EnergyWindow window(
            Load load, Edge start, Edge end, PowerIntegral integral, BoardState before, BoardState after)
            throws WindowException {
        Load.Progress from = load.at(start.seconds());
        Load.Progress to = load.at(end.seconds());
        double length = end.seconds() - start.seconds();
        EnergyWindow window = new EnergyWindow(
                length,
                end.joules() - start.joules(),
                to.launches() - from.launches(),
                to.busySeconds() - from.busySeconds(),
                to.deviceSeconds() - from.deviceSeconds(),
                start.uncertainty() + end.uncertainty(),
                integral.over(length),
                before,
                after);
        if (window.launches() > 0 && window.gapShare() > gapShare) {
            throw new WindowException(
                    EnergyFault.LOAD_GAPS,
                    String.format(
                            Locale.ROOT,
                            "the device idled %.1f %% of the window, at most %.0f %% may be",
                            100 * window.gapShare(),
                            100 * gapShare));
        }
        return window;
    }

    /** Reads until the counter changes. */
    private Edge edge(Load load) throws WindowException {
        Reading first = read(load);
        Reading before = first;
        for (int i = 1; i < readsPerEdge; i++) {
            if (spacing > 0) {
                load.run(spacing);
            }
            Reading now = read(load);
            if (now.joules() > before.joules()) {
                return new Edge(
                        (before.seconds() + now.seconds()) / 2, now.joules(), (now.seconds() - before.seconds()) / 2);
            }
            before = now;
        }
        throw frozen(before.seconds() - first.seconds());
    }

    /** Reads the counter between the edges, for its faults only. */
    private void look(Load load) throws WindowException {
        Reading before = last;
        Reading now = read(load);
        if (before != null
                && now.joules() == before.joules()
                && now.seconds() - before.seconds() > 2 * counter.tickSeconds()) {
            throw frozen(now.seconds() - before.seconds());
        }
    }

    private static WindowException frozen(double seconds) {
        return new WindowException(
                EnergyFault.COUNTER_FROZEN, String.format(Locale.ROOT, "it did not change in %.3g s", seconds));
    }

    private Reading read(Load load) throws WindowException {
        Reading before = last;
        Reading now = raw();
        if (before != null) {
            double rise = now.joules() - before.joules();
            if (rise < 0) {
                throw fallen(load, before, now);
            }
            double seconds = now.seconds() - before.seconds();
            if (rise > source.counter().limitWatts() * (seconds + 2 * counter.tickSeconds())) {
                boolean cameBack = before.joules() < highestJoules && highestJoules <= now.joules();
                highestJoules = Math.max(highestJoules, now.joules());
                throw new WindowException(
                        cameBack ? EnergyFault.COUNTER_GLITCH : EnergyFault.COUNTER_JUMP,
                        String.format(
                                Locale.ROOT,
                                "it rose by %.6g J in %.3g s, the device draws %.4g W at most",
                                rise,
                                seconds,
                                source.counter().limitWatts()));
            }
        }
        last = now;
        highestJoules = Math.max(highestJoules, now.joules());
        return now;
    }

    private Reading raw() throws WindowException {
        try {
            double start = time.seconds();
            double joules = source.counter().joules();
            double end = time.seconds();
            if (!Double.isFinite(joules)) {
                throw new WindowException(EnergyFault.COUNTER_INVALID, "it gave " + joules + " J");
            }
            return new Reading((start + end) / 2, joules);
        } catch (SecateurException e) {
            throw new WindowException(EnergyFault.COUNTER_LOST, e.what() + " (" + e.on() + ")");
        }
    }

    private WindowException fallen(Load load, Reading before, Reading fallen) throws WindowException {
        String seen = String.format(Locale.ROOT, "it fell from %.6g to %.6g J", before.joules(), fallen.joules());
        for (int i = 0; i < TICKS_TO_RECOVER; i++) {
            load.run(counter.tickSeconds());
            if (raw().joules() >= before.joules()) {
                return new WindowException(EnergyFault.COUNTER_GLITCH, seen + " and came back");
            }
        }
        return new WindowException(EnergyFault.COUNTER_RESET, seen);
    }

    /** Looks for what spoils a window from outside. */
    private void watch(BoardState before, BoardState now) throws WindowException {
        if (!now.foreignProcesses().isEmpty()) {
            throw new WindowException(EnergyFault.FOREIGN_PROCESS, "processes " + now.foreignProcesses());
        }
        Map<String, Double> throttled = now.throttledSince(before);
        if (!throttled.isEmpty()) {
            throw new WindowException(EnergyFault.THROTTLED, "seconds by reason " + throttled);
        }
        double clock = now.clockHertz().orElse(highestClock);
        highestClock = Math.max(highestClock, clock);
        if (clock < (1 - CLOCK_DROP) * highestClock) {
            throw new WindowException(
                    EnergyFault.THROTTLED,
                    String.format(Locale.ROOT, "the clock fell from %.4g to %.4g Hz", highestClock, clock));
        }
    }
}
