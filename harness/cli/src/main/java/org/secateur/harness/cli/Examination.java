package org.secateur.harness.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.secateur.harness.cli.Diagnosis.FoundDevice;
import org.secateur.harness.cli.Diagnosis.FoundProbe;
import org.secateur.harness.cli.Diagnosis.FoundStore;
import org.secateur.harness.cli.Diagnosis.Threads;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.noise.Fitness;
import org.secateur.profilers.core.noise.NoiseCheck;
import org.secateur.profilers.core.noise.NoiseLimits;
import org.secateur.profilers.core.noise.NoiseReport;
import org.secateur.profilers.core.probe.ClockProbe;
import org.secateur.profilers.core.probe.HostProbe;
import org.secateur.profilers.core.probe.NvmlProbe;
import org.secateur.profilers.core.probe.Probe;
import org.secateur.profilers.core.probe.Probe.Status;
import org.secateur.profilers.core.probe.RaplProbe;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableSummary;

/** Looks at the machine: devices, probes, store, disk, and its noise while nothing of ours runs. */
final class Examination {
    /** A store of some thousand measurements and a few checkpoints need less. */
    private static final double CARE_BELOW_BYTES = 1e9;

    /** Versions that a device's fingerprint or NVML may tell. */
    private static final List<String> VERSIONS = List.of("libtorch", "onednn", "cuda", "cudnn", "driver", "nvml");

    private final Session session;
    private final Machine machine;
    private final List<String> reasons = new ArrayList<>();
    private Fitness verdict = Fitness.GOOD;

    Examination(Session session, Machine machine) {
        this.session = session;
        this.machine = machine;
    }

    /**
     * Looks.
     *
     * @param seconds for the noise
     */
    Diagnosis examine(String deviceId, Path storeFile, double seconds) {
        // The noise first: a library that has been loaded leaves threads behind.
        NoiseReport noise = new NoiseCheck(session.surroundings(), NoiseLimits.DEFAULT).check(seconds);
        because(noise.verdict(), noise.reasons());
        HostProbe host = new HostProbe(machine.proc());
        List<FoundProbe> probes = new ArrayList<>();
        try (NvmlProbe nvml = new NvmlProbe(machine.nvml())) {
            for (Probe probe : List.of(
                    new ClockProbe(session.surroundings().nanoTime()), host, new RaplProbe(machine.powercap()), nvml)) {
                probes.add(found(probe));
            }
        }
        List<FoundDevice> devices = new ArrayList<>();
        for (String id : List.of("cpu", "cuda:0")) {
            devices.add(device(id));
        }
        if (devices.stream().noneMatch(d -> d.id().equals(deviceId))) {
            devices.add(device(deviceId));
        }
        for (FoundDevice each : devices) {
            if (each.id().equals(deviceId) && each.status() instanceof Status.Unavailable no) {
                because(Fitness.UNFIT, List.of("device " + deviceId + ": " + no.reason()));
            }
        }
        probes.add(library("cuda", devices.get(1)));
        probes.add(library("libtorch", devices.get(0)));
        List<Clash> clashes = Clash.in(session.environment());
        clashes.forEach(clash -> because(Fitness.CARE, List.of(clash.reason())));
        Threads threads = threads(host.readings());
        FoundStore store = store(storeFile);
        Map<String, String> libraries = libraries(devices, probes);
        return new Diagnosis(
                host.facts(), devices, probes, noise, threads, libraries, clashes, store, verdict, reasons);
    }

    private static FoundProbe found(Probe probe) {
        return new FoundProbe(
                probe.id(),
                probe.status(),
                quantity(probe.periodSeconds(), "its period is not known"),
                quantity(probe.callSeconds(), "the cost of a reading is not known"),
                probe.resolution(),
                probe.readings(),
                probe.facts());
    }

    private void because(Fitness fitness, List<String> why) {
        verdict = verdict.compareTo(fitness) >= 0 ? verdict : fitness;
        reasons.addAll(why);
    }

    private FoundDevice device(String id) {
        try (Device device = session.devices().apply(id)) {
            return new FoundDevice(
                    id, device.kind(), device.name(), Optional.of(device.fingerprint()), Status.AVAILABLE);
        } catch (SecateurException e) {
            return new FoundDevice(
                    id,
                    Json.kind(id),
                    "",
                    Optional.empty(),
                    new Status.Unavailable(e.what() + " (" + e.on() + ")", e.fix()));
        }
    }

    /** A library is there when its device can be opened. */
    private static FoundProbe library(String id, FoundDevice device) {
        Quantity none = Quantity.unavailable(id + " is a library: it takes no readings");
        return new FoundProbe(id, device.status(), none, none, Map.of(), Map.of(), Map.of());
    }

    private Threads threads(Map<String, Double> host) {
        Map<String, String> environment = session.environment();
        String count = environment.getOrDefault("OMP_NUM_THREADS", "");
        double processors = host.getOrDefault("logicalProcessors", Double.POSITIVE_INFINITY);
        if (count.matches("[0-9]{1,4}") && Integer.parseInt(count) > processors) {
            because(
                    Fitness.CARE,
                    List.of("OMP_NUM_THREADS is " + count + ", but there are " + Text.si(processors) + " processors"));
        }
        return new Threads(
                count.isEmpty() ? "one per processor" : count, environment.getOrDefault("OMP_WAIT_POLICY", "unset"));
    }

    private static Map<String, String> libraries(List<FoundDevice> devices, List<FoundProbe> probes) {
        Map<String, String> versions = new LinkedHashMap<>();
        for (FoundDevice device : devices) {
            device.fingerprint()
                    .ifPresent(fingerprint -> fingerprint.identity().forEach((name, version) -> {
                        if (VERSIONS.contains(name)) {
                            versions.putIfAbsent(name, version);
                        }
                    }));
        }
        for (FoundProbe probe : probes) {
            probe.facts().forEach((name, version) -> {
                if (probe.id().equals("nvml") && VERSIONS.contains(name)) {
                    versions.putIfAbsent(name, version);
                }
            });
        }
        versions.putAll(HostProbe.libraries());
        versions.put("java", Runtime.version().toString());
        versions.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return versions;
    }

    private FoundStore store(Path file) {
        Quantity free = freeBytes(file);
        free.estimate()
                .filter(e -> e.value() < CARE_BELOW_BYTES)
                .ifPresent(e -> because(
                        Fitness.CARE, List.of("only " + Text.si(e.value()) + "B are free where the store lies")));
        if (!Files.exists(file)) {
            return new FoundStore(file.toString(), false, Status.AVAILABLE, 0, 0, free);
        }
        try (Store store = Store.open(file)) {
            List<TableSummary> tables = store.tables();
            int measurements =
                    tables.stream().mapToInt(TableSummary::measurements).sum();
            return new FoundStore(file.toString(), true, Status.AVAILABLE, tables.size(), measurements, free);
        } catch (SecateurException e) {
            because(Fitness.UNFIT, List.of(e.what()));
            return new FoundStore(file.toString(), true, new Status.Unavailable(e.what(), e.fix()), 0, 0, free);
        }
    }

    private static Quantity freeBytes(Path file) {
        Path place = file.toAbsolutePath();
        while (place.getParent() != null && !Files.exists(place)) {
            place = place.getParent();
        }
        try {
            return Quantity.measured(
                    Estimate.exact((double) Files.getFileStore(place).getUsableSpace()));
        } catch (IOException e) {
            return Quantity.unavailable("the disk cannot be asked: " + e.getMessage());
        }
    }

    private static Quantity quantity(OptionalDouble value, String reason) {
        return value.isPresent()
                ? Quantity.measured(Estimate.exact(value.getAsDouble()))
                : Quantity.unavailable(reason);
    }
}
