package org.secateur.harness.cli;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.secateur.models.core.data.Dataset;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.Surroundings;

/**
 * What a command works with, so that a test can give it another world.
 *
 * @param environment the environment variables
 * @param devices opens a device by its id; the caller closes it
 * @param surroundings clock and counters of the host
 * @param own network and data of a program that calls, instead of those that commands name
 */
record Session(
        Console console,
        Map<String, String> environment,
        Function<String, Device> devices,
        Surroundings surroundings,
        Optional<Own> own) {

    /** A session in which commands name network and data. */
    Session(
            Console console,
            Map<String, String> environment,
            Function<String, Device> devices,
            Surroundings surroundings) {
        this(console, environment, devices, surroundings, Optional.empty());
    }

    /** The data of that name, unless there are some of one's own. */
    Dataset data(String name) {
        return own.map(Own::data).orElseGet(() -> Dataset.open(name));
    }

    /** Seconds of a monotonic clock. */
    double seconds() {
        return surroundings.nanoTime().getAsLong() / 1e9;
    }

    /** A progress line of this session. */
    Progress progress(String what) {
        return new Progress(console, surroundings.nanoTime(), what);
    }
}
