package org.secateur.harness.cli;

import java.util.Map;
import java.util.function.Function;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.Surroundings;

/**
 * What a command works with, so that a test can give it another world.
 *
 * @param environment the environment variables
 * @param devices opens a device by its id; the caller closes it
 * @param surroundings clock and counters of the host
 */
record Session(
        Console console, Map<String, String> environment, Function<String, Device> devices, Surroundings surroundings) {

    /** Seconds of a monotonic clock. */
    double seconds() {
        return surroundings.nanoTime().getAsLong() / 1e9;
    }

    /** A progress line of this session. */
    Progress progress(String what) {
        return new Progress(console, surroundings.nanoTime(), what);
    }
}
