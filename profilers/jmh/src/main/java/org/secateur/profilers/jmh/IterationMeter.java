package org.secateur.profilers.jmh;

import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.results.core.SecateurException;

/**
 * Measures the energy of an iteration, between two calls, with a counter that changes only now and then.
 *
 * <p>The window opens at a change of the counter, just before the load. When it is to close, the load has stopped
 * already, so that waiting for the next change meters what the idle device takes. The meter therefore waits for two
 * changes: the power between them is the idle power right after the load, and that power times the wait until the first
 * is subtracted. What is left is an error of at most half the distance of two readings at the idle power, and what the
 * sensor's own lag moves out of the window: one that lags by t seconds misses up to t seconds of the load's power above
 * idle.
 */
final class IterationMeter {
    /** A change is looked for by so many readings a period: its moment is then known to a sixtieth of the period. */
    private static final int READINGS_PER_PERIOD = 30;

    /** After so many periods without a change the counter stands still. */
    private static final int MOST_PERIODS = 20;

    /** The idle power is taken over at least this long: for a counter of 1 ms, twenty periods. */
    private static final double TAIL_SECONDS = 0.02;

    private final EnergyCounter counter;
    private final double periodSeconds;
    private final HostTime time;
    private Reading opened = new Reading(Double.NaN, Double.NaN);

    /**
     * A meter.
     *
     * @param periodSeconds how often the counter's total changes, or more; 0 when every reading is up to date
     */
    IterationMeter(EnergyCounter counter, double periodSeconds, HostTime time) {
        this.counter = counter;
        this.periodSeconds = periodSeconds;
        this.time = time;
    }

    private record Reading(double seconds, double joules) {
        /** The mean power since an earlier reading; NaN when the counter went back, which says nothing of the energy. */
        double wattsSince(Reading earlier) {
            double used = joules - earlier.joules;
            return used >= 0 ? used / (seconds - earlier.seconds) : Double.NaN;
        }
    }

    /**
     * What a window took.
     *
     * @param joules of the window, without what the wait for the counter took; NaN when the counter could not be read,
     *     stood still or went back
     * @param seconds from opening to closing
     * @param idleWatts right after the load
     * @param waitSeconds how long the counter was waited for after the load
     */
    record Energy(double joules, double seconds, double idleWatts, double waitSeconds) {
        double watts() {
            return joules / seconds;
        }
    }

    /** The mean power over the next {@code seconds}, in which nothing should run. */
    double idleWatts(double seconds) {
        Reading first = change();
        time.sleep(seconds);
        return change().wattsSince(first);
    }

    /** Opens the window at the counter's next change. */
    void open() {
        opened = change();
    }

    /** Closes the window that was opened; called right after the load. */
    Energy close() {
        double stopped = time.seconds();
        Reading first = change();
        time.sleep(TAIL_SECONDS);
        double idleWatts = change().wattsSince(first);
        double wait = first.seconds - stopped;
        double gross = first.joules >= opened.joules ? first.joules - opened.joules : Double.NaN;
        return new Energy(gross - idleWatts * wait, stopped - opened.seconds, idleWatts, wait);
    }

    /** The counter's next change: its value, and the moment in the middle of the two readings that it lies between. */
    private Reading change() {
        Reading before = read();
        if (periodSeconds == 0) {
            return before;
        }
        double giveUp = before.seconds + MOST_PERIODS * periodSeconds;
        while (before.seconds < giveUp) {
            time.sleep(periodSeconds / READINGS_PER_PERIOD);
            Reading now = read();
            if (now.joules != before.joules) {
                return new Reading((before.seconds + now.seconds) / 2, now.joules);
            }
            before = now;
        }
        return new Reading(before.seconds, Double.NaN);
    }

    private Reading read() {
        double joules;
        try {
            joules = counter.joules();
        } catch (SecateurException e) {
            joules = Double.NaN;
        }
        return new Reading(time.seconds(), joules);
    }
}
