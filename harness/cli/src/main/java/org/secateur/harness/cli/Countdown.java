package org.secateur.harness.cli;

import java.util.function.DoubleSupplier;

/**
 * How much time is left for something.
 *
 * @param clock in seconds
 * @param end on that clock
 */
record Countdown(DoubleSupplier clock, double end) {
    /** So many seconds from now. */
    static Countdown of(DoubleSupplier clock, double seconds) {
        return new Countdown(clock, clock.getAsDouble() + seconds);
    }

    /** Seconds; below 0 when the time is up. */
    double left() {
        return end - clock.getAsDouble();
    }

    /** Whether so many seconds are left. */
    boolean has(double seconds) {
        return left() >= seconds;
    }

    /** At most so many seconds of what is left. */
    Countdown within(double seconds) {
        return new Countdown(clock, Math.min(end, clock.getAsDouble() + seconds));
    }
}
