package org.secateur.harness.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.secateur.profilers.core.noise.Fitness;
import org.secateur.profilers.core.noise.NoiseReport;
import org.secateur.profilers.core.probe.Probe;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Quantity;

/**
 * What {@code doctor} found.
 *
 * @param host facts of the host as text, by name
 * @param verdict the worst of noise, device, store and disk
 * @param reasons what keeps the verdict from GOOD
 */
record Diagnosis(
        Map<String, String> host,
        List<FoundDevice> devices,
        List<FoundProbe> probes,
        NoiseReport noise,
        Threads threads,
        FoundStore store,
        Fitness verdict,
        List<String> reasons) {
    Diagnosis {
        devices = List.copyOf(devices);
        probes = List.copyOf(probes);
        reasons = List.copyOf(reasons);
    }

    /**
     * A device that was tried.
     *
     * @param name its own name; empty when it is not to be had
     * @param fingerprint empty when it is not to be had
     */
    record FoundDevice(String id, String kind, String name, Optional<Fingerprint> fingerprint, Probe.Status status) {}

    /** A probe's state; quantities are seconds. */
    record FoundProbe(String id, Probe.Status status, Quantity periodSeconds, Quantity callSeconds) {}

    /** How many threads an operation has, and how they wait (OpenMP), as the environment says. */
    record Threads(String count, String waitPolicy) {}

    /**
     * The store.
     *
     * @param tables how many it holds; 0 when it is absent or cannot be read
     * @param freeBytes free on its disk
     */
    record FoundStore(
            String path, boolean exists, Probe.Status status, int tables, int measurements, Quantity freeBytes) {}
}
