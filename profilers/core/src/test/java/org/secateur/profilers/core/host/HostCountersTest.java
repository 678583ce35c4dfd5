package org.secateur.profilers.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCountersTest {
    @TempDir
    Path proc;

    private Optional<Contention> read(String stat) throws IOException {
        Files.writeString(proc.resolve("stat"), stat);
        return new HostCounters(proc, () -> Optional.of(new ProcessUsage(3, 43))).contention();
    }

    @Test
    void ticksOfAllProcessorsBecomeSeconds() throws IOException {
        Contention now = read("""
                cpu  1000 200 300 9000 50 10 20 400 7 0
                cpu0 500 100 150 4500 25 5 10 200 0 0
                cpu1 500 100 150 4500 25 5 10 200 0 0
                intr 1 2 3
                """).orElseThrow();

        assertThat(now.stealSeconds()).isEqualTo(4.0);
        assertThat(now.busySeconds()).isCloseTo(15.3, within(1e-9)); // neither idle nor waiting for a disk
        assertThat(now.ownSeconds()).isEqualTo(3.0);
        assertThat(now.involuntarySwitches()).isEqualTo(43);
        assertThat(now.processors()).isEqualTo(2);
    }

    @Test
    void anotherSystemHasNoCountersRatherThanZeros() throws IOException {
        assertThat(read("cpu  1 2 3\ncpu0 1 2 3\n")).isEmpty();
        assertThat(read("cpu  1 2 3 4 5 6 7 x\ncpu0 1 2 3 4 5 6 7 8\n")).isEmpty();
        assertThat(read("")).isEmpty();
        assertThat(new HostCounters(proc.resolve("absent"), () -> Optional.of(new ProcessUsage(3, 43))).contention())
                .isEmpty();
        assertThat(new HostCounters(Path.of("/proc"), Optional::empty).contention())
                .isEmpty();
    }

    @Test
    void differencesAreSharesOfAllProcessors() {
        Contention earlier = new Contention(1, 10, 4, 100, 2);
        Contention later = new Contention(1.1, 12, 4.5, 160, 2);

        assertThat(later.stealFraction(earlier, 1)).isCloseTo(0.05, within(1e-9));
        assertThat(later.foreignLoad(earlier, 1)).isCloseTo(0.75, within(1e-9));
        assertThat(later.switchesPerSecond(earlier, 2)).isCloseTo(15, within(1e-9));
    }

    @Test
    void thisMachineIsRead() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/stat")), "skipped: this system has no /proc/stat");
        HostCounters counters = new HostCounters(Path.of("/proc"), ProcessUsage.reader());
        long switchesOfLiveThreads = switchesOfLiveThreads();
        double own =
                ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis() / 1e3;

        Contention now = counters.contention().orElseThrow();

        assertThat(now.ownSeconds()).isCloseTo(own, within(1.0));
        assertThat(now.busySeconds()).isPositive();
        assertThat(now.involuntarySwitches())
                .isBetween(switchesOfLiveThreads, switchesOfLiveThreads + 100_000); // ended threads too
        assertThat(now.processors()).isPositive();
    }

    private static long switchesOfLiveThreads() throws IOException {
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                if (Files.exists(task.resolve("status"))) {
                    sum += Files.readAllLines(task.resolve("status")).stream()
                            .filter(line -> line.startsWith("nonvoluntary_ctxt_switches:"))
                            .mapToLong(line -> Long.parseLong(
                                    line.substring(line.indexOf(':') + 1).strip()))
                            .sum();
                }
            }
        }
        return sum;
    }
}
