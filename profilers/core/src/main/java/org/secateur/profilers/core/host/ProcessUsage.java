package org.secateur.profilers.core.host;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What this process has used so far, over all its threads and those that have ended.
 *
 * @param processorSeconds user and system time
 * @param involuntarySwitches how often a thread was put aside while it could have gone on
 */
public record ProcessUsage(double processorSeconds, long involuntarySwitches) {
    /**
     * Reads the usage by getrusage(2), in a microsecond; summing {@code /proc/self/task} takes milliseconds. The reader
     * is used by one thread. Empty on every call where the C library has no such function.
     */
    public static Supplier<Optional<ProcessUsage>> reader() {
        try {
            return new Rusage(NativeLibrary.getInstance("c").getFunction("getrusage"))::read;
        } catch (UnsatisfiedLinkError e) {
            return Optional::empty;
        }
    }

    private static final class Rusage {
        /** {@code struct rusage} of 64-bit Linux: two pairs of seconds and microseconds, then 14 counters. */
        private static final int SIZE = 144;

        private static final int USER = 0;
        private static final int SYSTEM = 16;
        private static final int INVOLUNTARY_SWITCHES = 136;
        private static final int SELF = 0;

        private final Function getrusage;
        private final Memory usage = new Memory(SIZE);

        Rusage(Function getrusage) {
            this.getrusage = getrusage;
        }

        Optional<ProcessUsage> read() {
            if (getrusage.invokeInt(new Object[] {SELF, usage}) != 0) {
                return Optional.empty();
            }
            return Optional.of(new ProcessUsage(
                    seconds(usage, USER) + seconds(usage, SYSTEM), usage.getLong(INVOLUNTARY_SWITCHES)));
        }

        private static double seconds(Pointer time, int offset) {
            return time.getLong(offset) + time.getLong(offset + 8) / 1e6;
        }
    }
}
