package org.secateur.profilers.core.noise;

/** A constant piece of arithmetic, some 20 microseconds long, in registers only. */
final class Spin implements Runnable {
    private static final int STEPS = 10_000;

    /** Kept, so that the work cannot be optimised away. */
    private long state = 88172645463325252L;

    @Override
    public void run() {
        long x = state;
        for (int i = 0; i < STEPS; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
        }
        state = x;
    }
}
