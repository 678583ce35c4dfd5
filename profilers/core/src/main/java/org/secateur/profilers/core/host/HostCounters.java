package org.secateur.profilers.core.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads the counters of contention: the processors' time from {@code /proc/stat} (proc(5)), the rest per process. */
public final class HostCounters {
    /** Ticks per second in that file; 100 on every platform supported (USER_HZ). */
    private static final double TICKS_PER_SECOND = 100;

    /** Enough for the lines of 1,000 processors; the lines of interrupts after them are longer still. */
    private static final int MOST_BYTES = 1 << 16;

    private final Path stat;
    private final Supplier<Optional<ProcessUsage>> process;

    /**
     * Counters of the machine below {@code proc} and of a process.
     *
     * @param proc on a real machine {@code /proc}
     * @param process normally {@link ProcessUsage#reader()}
     */
    public HostCounters(Path proc, Supplier<Optional<ProcessUsage>> process) {
        this.stat = proc.resolve("stat");
        this.process = process;
    }

    /** The present totals, or empty where they cannot be read or have another form. */
    public Optional<Contention> contention() {
        Optional<ProcessUsage> own = process.get();
        if (own.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream file = Files.newInputStream(stat)) {
            String text = new String(file.readNBytes(MOST_BYTES), StandardCharsets.US_ASCII);
            String[] total = text.lines().findFirst().orElse("").split(" +", -1);
            int processors = (int) text.lines()
                    .skip(1)
                    .takeWhile(line -> line.startsWith("cpu"))
                    .count();
            if (!total[0].equals("cpu") || total.length < 9 || processors == 0) {
                return Optional.empty();
            }
            double user = ticks(total[1]) + ticks(total[2]); // nice beside user
            double system = ticks(total[3]) + ticks(total[6]) + ticks(total[7]); // interrupts beside system
            return Optional.of(new Contention(
                    ticks(total[8]),
                    user + system,
                    own.get().processorSeconds(),
                    own.get().involuntarySwitches(),
                    processors));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static double ticks(String text) {
        return Long.parseLong(text) / TICKS_PER_SECOND;
    }
}
