package org.secateur.harness.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.secateur.profilers.core.noise.Fitness;
import org.secateur.profilers.core.noise.NoiseReport;
import org.secateur.profilers.core.probe.Probe;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Quantity;

/**
 * What {@code doctor} found.
 *
 * @param host facts of the host as text, by name
 * @param libraries versions by name
 * @param clashes other libraries that the environment puts before ours
 * @param verdict the worst of noise, device, threads, clashes, store and disk
 * @param reasons what keeps the verdict from GOOD
 */
record Diagnosis(
        Map<String, String> host,
        List<FoundDevice> devices,
        List<FoundProbe> probes,
        NoiseReport noise,
        Threads threads,
        Map<String, String> libraries,
        List<Clash> clashes,
        FoundStore store,
        Fitness verdict,
        List<String> reasons) {
    Diagnosis {
        libraries = Collections.unmodifiableMap(new LinkedHashMap<>(libraries));
        clashes = List.copyOf(clashes);
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

    /**
     * A probe's state.
     *
     * @param resolution the smallest step of its readings, by name with the unit in it
     * @param readings its readings, by name with the unit in it
     * @param facts what else it found, as text by name
     */
    record FoundProbe(
            String id,
            Probe.Status status,
            Quantity periodSeconds,
            Quantity callSeconds,
            Map<String, Double> resolution,
            Map<String, Double> readings,
            Map<String, String> facts) {
        FoundProbe {
            resolution = Collections.unmodifiableMap(new TreeMap<>(resolution));
            readings = Collections.unmodifiableMap(new TreeMap<>(readings));
            facts = Collections.unmodifiableMap(new TreeMap<>(facts));
        }
    }

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
