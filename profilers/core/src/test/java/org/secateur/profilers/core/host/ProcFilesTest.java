package org.secateur.profilers.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcFilesTest {
    @TempDir
    Path root;

    @BeforeEach
    void aMachineOfTwoProcessors() throws IOException {
        Files.writeString(root.resolve("stat"), """
                cpu  1000 200 300 9000 50 10 20 400 7 0
                cpu0 500 100 150 4500 25 5 10 200 0 0
                cpu1 500 100 150 4500 25 5 10 200 0 0
                intr 1 2 3
                """);
        Files.createDirectories(root.resolve("self/task/11"));
        Files.createDirectories(root.resolve("self/task/12"));
        Files.writeString(
                root.resolve("self/stat"),
                "11 (a name) with 1 2) S 1 11 11 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 5 0 1 1 1\n");
        status(11, 3);
        status(12, 40);
    }

    private void status(int thread, int involuntary) throws IOException {
        Files.writeString(
                root.resolve("self/task/" + thread + "/status"),
                "Name:\tjava\nvoluntary_ctxt_switches:\t900\nnonvoluntary_ctxt_switches:\t" + involuntary + "\n");
    }

    @Test
    void ticksBecomeSecondsAndTheSwitchesOfAllThreadsAreSummed() {
        Contention now = new ProcFiles(root).contention().orElseThrow();

        assertThat(now.stealSeconds()).isEqualTo(4.0);
        assertThat(now.busySeconds()).isCloseTo(15.3, within(1e-9)); // user, nice, system, interrupts; not idle or wait
        assertThat(now.ownSeconds()).isEqualTo(3.0);
        assertThat(now.involuntarySwitches()).isEqualTo(43);
        assertThat(now.processors()).isEqualTo(2);
    }

    @Test
    void aThreadThatEndsWhileItIsReadCountsNothing() throws IOException {
        Files.delete(root.resolve("self/task/12/status"));

        assertThat(new ProcFiles(root).contention().orElseThrow().involuntarySwitches())
                .isEqualTo(3);
    }

    @Test
    void anotherSystemHasNoCountersRatherThanZeros() throws IOException {
        Files.writeString(root.resolve("stat"), "cpu  1 2 3\n");
        assertThat(new ProcFiles(root).contention()).isEmpty();
        assertThat(new ProcFiles(root.resolve("absent")).contention()).isEmpty();
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
    void thisMachineIsRead() {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.exists(Path.of("/proc/stat")), "skipped: this system has no /proc/stat");
        Contention now = new ProcFiles(Path.of("/proc")).contention().orElseThrow();
        assertThat(now.busySeconds()).isPositive();
        assertThat(now.ownSeconds()).isPositive();
    }
}
