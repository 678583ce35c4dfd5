package org.secateur.profilers.core.sampler;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.secateur.profilers.core.host.Contention;
import org.secateur.profilers.core.host.HostCounters;
import org.secateur.profilers.core.host.ProcessUsage;

/**
 * What measuring needs from its host, so that tests can give it a virtual one.
 *
 * @param nanoTime a monotonic clock in nanoseconds, as {@link System#nanoTime()}
 * @param wallClock for time stamps only
 * @param contention the counters of contention; empty where there are none, and then no block is rejected
 */
public record Surroundings(LongSupplier nanoTime, InstantSource wallClock, Supplier<Optional<Contention>> contention) {
    /** The machine that this process runs on. */
    public static Surroundings host() {
        return new Surroundings(
                System::nanoTime,
                InstantSource.system(),
                new HostCounters(Path.of("/proc"), ProcessUsage.reader())::contention);
    }

    double seconds() {
        return nanoTime.getAsLong() / 1e9;
    }
}
