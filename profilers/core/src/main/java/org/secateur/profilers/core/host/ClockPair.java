package org.secateur.profilers.core.host;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;

/**
 * One moment on the monotonic clock and on the wall clock. It brings time stamps of drivers, which come from the wall
 * clock, onto the clock that everything is measured by.
 *
 * @param nanoTime on the clock of {@link System#nanoTime()}
 * @param epochMicros microseconds since 1970
 */
public record ClockPair(long nanoTime, long epochMicros) {
    private static final int TRIES = 5;

    /** Reads both, the wall clock between two readings of the other; of some tries the one that took the least. */
    public static ClockPair read(LongSupplier nanoTime, InstantSource wallClock) {
        ClockPair best = new ClockPair(0, 0);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            long before = nanoTime.getAsLong();
            Instant wall = wallClock.instant();
            long took = nanoTime.getAsLong() - before;
            if (took < least) {
                least = took;
                best = new ClockPair(before + took / 2, ChronoUnit.MICROS.between(Instant.EPOCH, wall));
            }
        }
        return best;
    }

    /** When a stamp of the wall clock was, on the monotonic clock; as good as the wall clock ran since. */
    public long nanoTimeOf(long stampMicros) {
        return nanoTime + (stampMicros - epochMicros) * 1000;
    }
}
