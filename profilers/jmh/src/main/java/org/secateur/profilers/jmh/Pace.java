package org.secateur.profilers.jmh;

import java.util.concurrent.locks.LockSupport;

/** A monotonic clock and pauses, so that tests can give virtual ones. */
interface Pace {
    /** The host's. */
    Pace HOST = new Pace() {
        @Override
        public double seconds() {
            return System.nanoTime() / 1e9;
        }

        @Override
        public void pause(double seconds) {
            long until = System.nanoTime() + Math.round(seconds * 1e9);
            for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
                if (left > SHORTEST_SLEEP_NANOS) {
                    LockSupport.parkNanos(left);
                } else {
                    Thread.onSpinWait();
                }
            }
        }
    };

    /** Linux lets a sleeper oversleep by about this much. */
    long SHORTEST_SLEEP_NANOS = 100_000;

    /** Now, in seconds from some moment. */
    double seconds();

    /** Returns after so many seconds. */
    void pause(double seconds);
}
