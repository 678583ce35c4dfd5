package org.secateur.profilers.core.energy;

import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;

/**
 * The host's monotonic clock and how to wait on it, so that tests can give a virtual one. No wall clock takes part in a
 * measurement.
 *
 * @param nanoTime in nanoseconds, as {@link System#nanoTime()}
 * @param pause waits for about so many seconds, or less
 */
public record HostTime(LongSupplier nanoTime, DoubleConsumer pause) {
    /** Linux lets a sleeper oversleep by about this much: shorter waits spin. */
    private static final long SHORTEST_SLEEP_NANOS = 100_000;

    /** The clock of this machine. */
    public static HostTime system() {
        return new HostTime(System::nanoTime, seconds -> {
            long nanos = Math.round(seconds * 1e9);
            if (nanos > SHORTEST_SLEEP_NANOS) {
                LockSupport.parkNanos(nanos);
            } else {
                Thread.onSpinWait();
            }
        });
    }

    /** Seconds since some moment. */
    public double seconds() {
        return nanoTime.getAsLong() / 1e9;
    }

    /** Waits at least so many seconds. */
    public void sleep(double seconds) {
        double until = seconds() + seconds;
        for (double left = seconds; left > 0; left = until - seconds()) {
            pause.accept(Math.max(left, 1e-9)); // what is left may be less than the clock's grain
        }
    }
}
