package org.secateur.profilers.jmh;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.openjdk.jmh.profile.ProfilerException;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.host.ProcessUsage;
import org.secateur.results.core.SecateurException;

/**
 * The energy of a processor without a counter, modelled as an assumed idle power all the time and, on top, the rest of
 * an assumed full power in the share of all processors that this process uses. Other processes count as idle.
 */
final class ModelledCounter implements EnergyCounter {
    private final double idleWatts;
    private final double watts;
    private final int processors;
    private final Supplier<Optional<ProcessUsage>> process;
    private final HostTime time;

    /**
     * A model.
     *
     * @param idleWatts without work, at least 0
     * @param watts with all processors busy, at least {@code idleWatts}
     * @throws ProfilerException when the process's time cannot be read, or the powers are no such powers
     */
    ModelledCounter(
            double idleWatts, double watts, int processors, Supplier<Optional<ProcessUsage>> process, HostTime time)
            throws ProfilerException {
        if (!(idleWatts >= 0 && idleWatts < watts)) {
            throw new ProfilerException(
                    "a power of " + idleWatts + " W idle and " + watts + " W busy: expected 0 <= idleWatts < watts");
        }
        if (process.get().isEmpty()) {
            throw new ProfilerException("the processor time of this process cannot be read: getrusage is missing");
        }
        this.idleWatts = idleWatts;
        this.watts = watts;
        this.processors = processors;
        this.process = process;
        this.time = time;
    }

    @Override
    public String id() {
        return String.format(
                Locale.ROOT, "modelled[cpu-utilisation %.3g W busy, %.3g W idle, assumed]", watts, idleWatts);
    }

    @Override
    public double joules() {
        return process.get()
                .map(used -> idleWatts * time.seconds() + (watts - idleWatts) * used.processorSeconds() / processors)
                .orElseThrow(() -> SecateurException.environment(
                        "the processor time of this process cannot be read any more", "getrusage", "measure again"));
    }

    @Override
    public double limitWatts() {
        return watts;
    }
}
