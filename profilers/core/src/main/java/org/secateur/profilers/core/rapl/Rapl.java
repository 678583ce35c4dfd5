package org.secateur.profilers.core.rapl;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.secateur.profilers.core.EnergyReading;
import org.secateur.profilers.core.energy.BoardState;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.rapl.RaplZone.Kind;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * All energy counters of a machine: {@code intel-rapl:N} is a top zone and {@code intel-rapl:N:M} a part of it, on AMD
 * too. The second interface to the same registers ({@code intel-rapl-mmio}) is left alone.
 */
public final class Rapl implements EnergyCounter {
    /** Where the kernel shows them. */
    public static final Path POWERCAP = Path.of("/sys/class/powercap");

    /** What comparisons with power meters found on Intel's processors since Haswell, 2 to 5 %; little is known of AMD's. */
    private static final double ABSOLUTE_ERROR = 0.05;

    private final List<RaplCounter> counters;
    private final List<String> leftOut;

    private Rapl(List<RaplCounter> counters, List<String> leftOut) {
        this.counters = List.copyOf(counters);
        this.leftOut = List.copyOf(leftOut);
    }

    /**
     * Opens every counter.
     *
     * @param powercap the tree's root, on a real machine {@link #POWERCAP}
     * @param nanoTime the clock of the readings, in nanoseconds
     * @throws SecateurException when there is none, or that of a package cannot be read: without it the processor's
     *     energy is not known
     */
    public static Rapl open(Path powercap, LongSupplier nanoTime) {
        return open(powercap, nanoTime, Files::readString);
    }

    static Rapl open(Path powercap, LongSupplier nanoTime, ZoneFiles.Reader reader) {
        ZoneFiles files = new ZoneFiles(powercap, reader);
        List<RaplCounter> counters = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        for (Path directory : directories(powercap)) {
            Kind kind = isPart(directory) ? Kind.PART : Kind.PACKAGE; // as long as its name is not known
            try {
                RaplZone zone = zone(directory, files, names);
                kind = zone.kind();
                counters.add(new RaplCounter(zone, files, nanoTime));
            } catch (SecateurException e) {
                if (kind == Kind.PACKAGE) {
                    throw e;
                }
                leftOut.add(directory.getFileName() + ": " + e.what());
            }
        }
        if (counters.stream().noneMatch(counter -> counter.zone().kind() == Kind.PACKAGE)) {
            throw SecateurException.environment(
                    "no RAPL zone (ENOENT): virtual machines and containers have none",
                    powercap.toString(),
                    "run on the machine itself, after: sudo modprobe intel_rapl_msr");
        }
        return new Rapl(counters, leftOut);
    }

    /** {@code intel-rapl:0:1} is a part of {@code intel-rapl:0}. */
    private static boolean isPart(Path directory) {
        String folder = directory.getFileName().toString();
        return folder.indexOf(':') != folder.lastIndexOf(':');
    }

    private static RaplZone zone(Path directory, ZoneFiles files, Set<String> names) {
        String folder = directory.getFileName().toString();
        String name = files.text(directory, "name");
        Kind kind = isPart(directory) ? Kind.PART : name.startsWith("package") ? Kind.PACKAGE : Kind.PLATFORM;
        if (kind == Kind.PART) {
            Path whole = directory.resolveSibling(folder.substring(0, folder.lastIndexOf(':')));
            name = files.text(whole, "name") + "." + name;
        }
        if (!names.add(name)) {
            name += "@" + folder; // two dies that an old kernel gives one name
        }
        return new RaplZone(name, kind, directory);
    }

    private static List<Path> directories(Path powercap) {
        List<Path> directories = new ArrayList<>();
        if (Files.isDirectory(powercap)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(powercap, "intel-rapl:*")) {
                all.forEach(directories::add);
            } catch (IOException e) {
                throw new SecateurException(
                        ExitCode.ENVIRONMENT,
                        "the energy counters cannot be listed: " + e.getMessage(),
                        powercap.toString(),
                        "measure time only",
                        e);
            }
        }
        Collections.sort(directories);
        return directories;
    }

    /** Every counter that can be read, in the order of the kernel's names. */
    public List<RaplCounter> counters() {
        return counters;
    }

    /** The kernel's names of zones that cannot be read, none of them a package, each with the reason. */
    public List<String> leftOut() {
        return leftOut;
    }

    @Override
    public String id() {
        return "rapl";
    }

    /** The energy of all packages since they were opened. */
    @Override
    public double joules() {
        return read().joules();
    }

    /** The processor's packages as a source for the measuring of energy. Throttling shows in the times, not here. */
    public EnergySource source() {
        String device = packages().map(counter -> counter.zone().name()).collect(Collectors.joining("+", "RAPL ", ""));
        return new EnergySource(device, this, null, () -> BoardState.UNKNOWN, ABSOLUTE_ERROR);
    }

    /** The power above which a rise of {@link #read()} cannot be true, in watts. */
    @Override
    public double limitWatts() {
        return packages().mapToDouble(RaplCounter::limitWatts).sum();
    }

    /** The sum of the packages' limits; empty where one has none. */
    @Override
    public OptionalDouble powerLimitWatts() {
        List<OptionalDouble> limits =
                packages().map(RaplCounter::powerLimitWatts).toList();
        return limits.stream().allMatch(OptionalDouble::isPresent)
                ? OptionalDouble.of(
                        limits.stream().mapToDouble(OptionalDouble::getAsDouble).sum())
                : OptionalDouble.empty();
    }

    /** How often {@link #read()} must be called, in seconds. */
    public double longestGapSeconds() {
        return packages().mapToDouble(RaplCounter::longestGapSeconds).min().orElseThrow();
    }

    /** The energy of all packages since they were opened, at the middle of their readings. */
    public EnergyReading read() {
        List<EnergyReading> readings = packages().map(RaplCounter::read).toList();
        long first = readings.get(0).nanoTime();
        long last = readings.get(readings.size() - 1).nanoTime();
        return new EnergyReading(
                readings.stream().mapToDouble(EnergyReading::joules).sum(), first + (last - first) / 2);
    }

    private Stream<RaplCounter> packages() {
        return counters.stream().filter(counter -> counter.zone().kind() == Kind.PACKAGE);
    }
}
