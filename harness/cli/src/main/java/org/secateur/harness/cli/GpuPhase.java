package org.secateur.harness.cli;

import java.util.function.Function;

/**
 * A part of a GPU's check that is done or left by itself.
 *
 * @param leastSeconds below which it is not begun
 * @param mostSeconds after which it ends by itself, with what it has
 * @param work keeps to its countdown; what the device lacks it says by an exception with the exit code of the environment
 */
record GpuPhase(String name, double leastSeconds, double mostSeconds, Function<Countdown, GpuFindings> work) {
    /** How a phase stands. */
    enum Status {
        /** All of it is known. */
        DONE,
        /** The time was up; a continued check does it again, and finds what was measured already. */
        PARTIAL,
        /** The device has not what it asks for, as far as could be seen; a continued check asks again. */
        UNAVAILABLE,
        /** Something broke. */
        FAILED,
        /** There was no time for it. */
        TODO;

        /** Whether a continued check need not do it again. */
        boolean isSettled() {
            return this == DONE;
        }
    }
}
