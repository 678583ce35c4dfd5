package org.secateur.models.libtorch;

import java.util.function.LongSupplier;

/** Adds up the time that a training loop spends inside calls to libtorch, so that the loop's own cost is known. */
final class CallClock {
    private final LongSupplier nanoTime;
    private long insideNanos;

    CallClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /** Counts the time since {@code start} as spent inside a call. */
    void insideSince(long start) {
        insideNanos += nanoTime.getAsLong() - start;
    }

    long insideNanos() {
        return insideNanos;
    }
}
