package org.secateur.profilers.core.probe;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The processor's own energy counters (RAPL) through the kernel's powercap tree: {@code intel-rapl:N} for a package and
 * {@code intel-rapl:N:M} for a part of it, on AMD too. A reading is a counter's present value in joules; it wraps.
 */
public final class RaplProbe implements Probe {
    /** The counters are updated about every millisecond (Intel SDM, volume 3B, 16.10). */
    private static final double PERIOD_SECONDS = 1e-3;

    /** Reads a file as text. */
    interface Reader {
        String read(Path file) throws IOException;
    }

    private final Path directory;
    private final Reader reader;
    private final Status status;
    private final OptionalDouble callSeconds;

    /** The counters below {@code directory}, on a real machine {@code /sys/class/powercap}. */
    public RaplProbe(Path directory) {
        this(directory, Files::readString);
    }

    RaplProbe(Path directory, Reader reader) {
        this.directory = directory;
        this.reader = reader;
        Status found;
        OptionalDouble cost = OptionalDouble.empty();
        try {
            long start = System.nanoTime();
            found = readZones().isEmpty() ? absent() : Status.AVAILABLE;
            cost = found.equals(Status.AVAILABLE)
                    ? OptionalDouble.of((System.nanoTime() - start) / 1e9)
                    : OptionalDouble.empty();
        } catch (AccessDeniedException e) {
            found = new Status.Unavailable(
                    "the energy counters may be read by root only (EACCES): " + e.getFile(),
                    "sudo chmod a+r " + directory + "/intel-rapl:*/energy_uj");
        } catch (NumberFormatException e) {
            found = new Status.Unavailable(
                    "an energy counter is not a number: " + e.getMessage(), "update the kernel, or measure time only");
        } catch (IOException e) {
            found = new Status.Unavailable(
                    "an energy counter cannot be read: " + e.getMessage(), "update the kernel, or measure time only");
        }
        this.status = found;
        this.callSeconds = cost;
    }

    private Status absent() {
        return new Status.Unavailable(
                "no RAPL zone below " + directory + " (ENOENT): virtual machines and containers have none",
                "run on the machine itself, after: sudo modprobe intel_rapl_msr");
    }

    @Override
    public String id() {
        return "rapl";
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public OptionalDouble periodSeconds() {
        return status.equals(Status.AVAILABLE) ? OptionalDouble.of(PERIOD_SECONDS) : OptionalDouble.empty();
    }

    @Override
    public OptionalDouble callSeconds() {
        return callSeconds;
    }

    /** Joules by zone, for example {@code package-0.energyJoules} and {@code package-0.core.energyJoules}. */
    @Override
    public Map<String, Double> readings() {
        if (!status.equals(Status.AVAILABLE)) {
            return Map.of();
        }
        try {
            return readZones();
        } catch (IOException | NumberFormatException e) {
            return Map.of(); // it was readable once; what cannot be read now is unknown
        }
    }

    private Map<String, Double> readZones() throws IOException {
        Map<String, Double> joules = new TreeMap<>();
        for (Path zone : zones()) {
            double microjoules = Long.parseLong(read(zone, "energy_uj"));
            joules.put(name(zone) + ".energyJoules", microjoules / 1e6);
        }
        return joules;
    }

    private List<Path> zones() throws IOException {
        List<Path> zones = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "intel-rapl:*")) {
                all.forEach(zones::add);
            }
        }
        Collections.sort(zones);
        return zones;
    }

    /** The zone's name below that of its package: parts of different packages have the same name. */
    private String name(Path zone) throws IOException {
        String folder = zone.getFileName().toString();
        int part = folder.indexOf(':', folder.indexOf(':') + 1);
        String name = read(zone, "name");
        return part < 0 ? name : name(directory.resolve(folder.substring(0, part))) + "." + name;
    }

    private String read(Path zone, String file) throws IOException {
        return reader.read(zone.resolve(file)).strip();
    }
}
