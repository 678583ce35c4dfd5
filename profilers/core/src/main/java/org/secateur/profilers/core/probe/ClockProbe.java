package org.secateur.profilers.core.probe;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * The host's monotonic clock: the smallest step that it shows, what a reading costs, and the shortest time that can be
 * measured by it.
 */
public final class ClockProbe implements Probe {
    /** Enough for a stable mean, in about 3 ms. */
    private static final int CALLS = 100_000;

    /** A time of so many steps or calls is off by 0.1 % at most. */
    private static final double FLOOR = 1000;

    private final double granularitySeconds;
    private final double callSeconds;

    /** Reads the clock, in nanoseconds, {@value #CALLS} times. */
    public ClockProbe(LongSupplier nanoTime) {
        long start = nanoTime.getAsLong();
        long previous = start;
        long smallest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long now = nanoTime.getAsLong();
            if (now > previous) {
                smallest = Math.min(smallest, now - previous);
            }
            previous = now;
        }
        this.callSeconds = (previous - start) / 1e9 / CALLS;
        this.granularitySeconds = smallest / 1e9;
    }

    @Override
    public String id() {
        return "clock";
    }

    @Override
    public Status status() {
        return callSeconds > 0
                ? Status.AVAILABLE
                : new Status.Unavailable(
                        "the clock did not advance over " + CALLS + " readings", "run on a machine with a clock");
    }

    @Override
    public OptionalDouble periodSeconds() {
        return known(granularitySeconds);
    }

    @Override
    public OptionalDouble callSeconds() {
        return known(callSeconds);
    }

    private OptionalDouble known(double seconds) {
        return callSeconds > 0 ? OptionalDouble.of(seconds) : OptionalDouble.empty();
    }

    @Override
    public Map<String, Double> resolution() {
        return callSeconds > 0 ? Map.of("timeSeconds", granularitySeconds) : Map.of();
    }

    /** Beside step and price the {@code floorSeconds}: a shorter time is off by more than 0.1 %. */
    @Override
    public Map<String, Double> readings() {
        return callSeconds > 0
                ? Map.of(
                        "granularitySeconds", granularitySeconds,
                        "callSeconds", callSeconds,
                        "floorSeconds", FLOOR * Math.max(granularitySeconds, callSeconds))
                : Map.of();
    }
}
