package org.secateur.profilers.core.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads the kernel's counters of processor time and context switches (proc(5): {@code /proc/stat},
 * {@code /proc/self/stat}, {@code /proc/self/task/*}{@code /status}). The switches of every thread are summed, since
 * {@code /proc/self/status} shows the first thread only, which in a JVM does nothing.
 */
public final class ProcFiles {
    /** Ticks per second in these files; 100 on every Linux of the platforms supported (proc(5), USER_HZ). */
    private static final double TICKS_PER_SECOND = 100;

    private final Path root;

    /** The counters below a directory; {@code /proc} on a real machine. */
    public ProcFiles(Path root) {
        this.root = root;
    }

    /** The present totals, or empty where the files cannot be read or have another form. */
    public Optional<Contention> contention() {
        try {
            List<String> lines = Files.readAllLines(root.resolve("stat"));
            String[] total = lines.get(0).trim().split("\\s+", -1);
            int processors = (int)
                    lines.stream().filter(line -> line.matches("cpu\\d+ .*")).count();
            if (!total[0].equals("cpu") || total.length < 9 || processors == 0) {
                return Optional.empty();
            }
            double user = ticks(total[1]) + ticks(total[2]); // nice beside user
            double system = ticks(total[3]) + ticks(total[6]) + ticks(total[7]); // interrupts beside system
            return Optional.of(
                    new Contention(ticks(total[8]), user + system, ownSeconds(), involuntarySwitches(), processors));
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private double ownSeconds() throws IOException {
        String stat = Files.readString(root.resolve("self/stat"));
        // The second field is the program's name in brackets and may contain anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return ticks(fields[11]) + ticks(fields[12]);
    }

    private long involuntarySwitches() throws IOException {
        long switches = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(root.resolve("self/task"))) {
            for (Path task : tasks) {
                switches += involuntarySwitches(task.resolve("status"));
            }
        }
        return switches;
    }

    private static long involuntarySwitches(Path status) throws IOException {
        String text;
        try {
            text = Files.readString(status);
        } catch (java.nio.file.NoSuchFileException e) {
            return 0; // the thread has ended since the folder was listed
        }
        String name = "nonvoluntary_ctxt_switches:";
        int start = text.indexOf(name);
        return start < 0
                ? 0
                : Long.parseLong(text.substring(start + name.length()).trim().split("\\s", -1)[0]);
    }

    private static double ticks(String text) {
        return Long.parseLong(text) / TICKS_PER_SECOND;
    }
}
