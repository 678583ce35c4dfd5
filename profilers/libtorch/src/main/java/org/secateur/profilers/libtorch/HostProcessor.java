package org.secateur.profilers.libtorch;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The processor as Linux describes it below {@code /proc} and {@code /sys} (proc(5); the kernel's ABI documents
 * sysfs-devices-system-cpu and sysfs-class-thermal).
 */
record HostProcessor(Path root) {
    /** This machine. */
    static HostProcessor here() {
        return new HostProcessor(Path.of("/"));
    }

    /** The model's name. */
    Optional<String> model() {
        return lines("proc/cpuinfo").stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst();
    }

    /** Whether it reports arithmetic on BF16: AVX-512's or that of tiles. */
    boolean hasBrainFloat() {
        return lines("proc/cpuinfo").stream()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line ->
                        List.of(line.substring(line.indexOf(':') + 1).trim().split(" ")))
                .filter(flags -> flags.contains("avx512_bf16") || flags.contains("amx_bf16"))
                .isPresent();
    }

    /** The mean present clock over all processors, in hertz. */
    OptionalDouble clockHertz() {
        return lines("proc/cpuinfo").stream()
                .filter(line -> line.startsWith("cpu MHz"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(':') + 1)) * 1e6)
                .average();
    }

    /** The load average of the last minute. */
    OptionalDouble load() {
        return lines("proc/loadavg").stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(0, line.indexOf(' '))))
                .findFirst();
    }

    /** The package's temperature. */
    OptionalDouble temperatureCelsius() {
        for (Path zone : children("sys/class/thermal", "thermal_zone*")) {
            if (first(zone.resolve("type")).equals(Optional.of("x86_pkg_temp"))) {
                return first(zone.resolve("temp")).stream()
                        .mapToDouble(text -> Double.parseDouble(text) / 1000)
                        .findFirst();
            }
        }
        return OptionalDouble.empty();
    }

    /** Bytes of the last-level cache, summed over its instances. */
    OptionalLong lastLevelCacheBytes() {
        int last = 0;
        Map<String, Long> instances = new HashMap<>();
        for (Path cpu : children("sys/devices/system/cpu", "cpu[0-9]*")) {
            for (Path cache : children(root.relativize(cpu).resolve("cache").toString(), "index*")) {
                Optional<String> level = first(cache.resolve("level"));
                Optional<String> size = first(cache.resolve("size"));
                Optional<String> sharers = first(cache.resolve("shared_cpu_list"));
                if (level.isEmpty() || size.isEmpty() || sharers.isEmpty()) {
                    continue;
                }
                int depth = Integer.parseInt(level.get());
                if (depth > last) {
                    last = depth;
                    instances.clear();
                }
                if (depth == last) {
                    instances.put(sharers.get(), bytes(size.get()));
                }
            }
        }
        return instances.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(
                        instances.values().stream().mapToLong(Long::longValue).sum());
    }

    private static long bytes(String size) {
        long number = Long.parseLong(size.replaceAll("[KMG]$", ""));
        return switch (size.charAt(size.length() - 1)) {
            case 'K' -> number << 10;
            case 'M' -> number << 20;
            case 'G' -> number << 30;
            default -> number;
        };
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(root.resolve(file));
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Optional<String> first(Path file) {
        try {
            return Files.readAllLines(file).stream().findFirst().map(String::trim);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private List<Path> children(String folder, String pattern) {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(root.resolve(folder), pattern)) {
            List<Path> paths = new ArrayList<>();
            stream.forEach(paths::add);
            return paths;
        } catch (IOException e) {
            return List.of();
        }
    }
}
