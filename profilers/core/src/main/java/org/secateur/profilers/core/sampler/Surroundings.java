package org.secateur.profilers.core.sampler;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.host.Contention;
import org.secateur.profilers.core.host.HostCounters;
import org.secateur.profilers.core.host.ProcessUsage;

/**
 * What measuring needs from its host, so that tests can give it a virtual one.
 *
 * @param nanoTime a monotonic clock in nanoseconds, as {@link System#nanoTime()}
 * @param wallClock for time stamps only
 * @param contention the counters of contention; empty where there are none, and then no block is rejected for it
 * @param collectionSeconds the time so far in which this process stood still for garbage collection
 * @param pause waits for about so many seconds, or less
 */
public record Surroundings(
        LongSupplier nanoTime,
        InstantSource wallClock,
        Supplier<Optional<Contention>> contention,
        DoubleSupplier collectionSeconds,
        DoubleConsumer pause) {

    /** Surroundings without garbage collection, that wait as this machine does. */
    public Surroundings(LongSupplier nanoTime, InstantSource wallClock, Supplier<Optional<Contention>> contention) {
        this(nanoTime, wallClock, contention, () -> 0, HostTime.system().pause());
    }

    /** The machine that this process runs on. */
    public static Surroundings host() {
        // The other collectors' beans count what runs beside the program.
        List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(bean -> !bean.getName().contains("Concurrent")
                        && !bean.getName().contains("Cycles"))
                .toList();
        return new Surroundings(
                System::nanoTime,
                InstantSource.system(),
                new HostCounters(Path.of("/proc"), ProcessUsage.reader())::contention,
                () -> collectors.stream()
                                .mapToLong(bean -> Math.max(0, bean.getCollectionTime()))
                                .sum()
                        / 1e3,
                HostTime.system().pause());
    }

    /** The clock, for measuring energy. */
    public HostTime hostTime() {
        return new HostTime(nanoTime, pause);
    }

    double seconds() {
        return nanoTime.getAsLong() / 1e9;
    }
}
