package org.secateur.profilers.core.probe;

import java.util.OptionalDouble;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Finds how often a counter's value changes, by reading it at most 200 times a second: faster reading may disturb it. */
final class TickPeriod {
    private static final long PAUSE_NANOS = 5_000_000;
    private static final double MOST_SECONDS = 1;
    private static final int TICKS = 4;

    private TickPeriod() {}

    /**
     * Seconds between changes, to about 2 ms; empty when there are less than two within a second.
     *
     * @param counter its present value, empty when it cannot be read
     * @param nanoTime the clock
     * @param pause waits for so many nanoseconds
     */
    static OptionalDouble seconds(Supplier<OptionalDouble> counter, LongSupplier nanoTime, LongConsumer pause) {
        long start = nanoTime.getAsLong();
        OptionalDouble last = counter.get();
        long first = start;
        long latest = start;
        int ticks = 0;
        while (ticks <= TICKS && last.isPresent() && (nanoTime.getAsLong() - start) / 1e9 < MOST_SECONDS) {
            pause.accept(PAUSE_NANOS);
            OptionalDouble now = counter.get();
            if (!now.equals(last)) {
                latest = nanoTime.getAsLong();
                first = ticks == 0 ? latest : first;
                ticks++;
            }
            last = now;
        }
        return last.isPresent() && ticks >= 2
                ? OptionalDouble.of((latest - first) / 1e9 / (ticks - 1))
                : OptionalDouble.empty();
    }
}
