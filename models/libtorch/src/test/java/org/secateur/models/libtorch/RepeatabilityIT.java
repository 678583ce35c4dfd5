package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, one after the other. */
class RepeatabilityIT {
    @TempDir
    Path directory;

    @Test
    void anotherProcessAndAContinuedOneAgreeToTheBit() throws IOException, InterruptedException {
        Path whole = directory.resolve("whole");
        Path again = directory.resolve("again");
        Path cut = directory.resolve("cut");
        process(whole, 0, SeededRun.STEPS);
        process(again, 0, SeededRun.STEPS);
        process(cut, 0, 3);
        process(cut, 3, SeededRun.STEPS);
        assertThat(again).hasSameBinaryContentAs(whole);
        assertThat(cut).hasSameBinaryContentAs(whole);
    }

    private void process(Path file, int first, int last) throws IOException, InterruptedException {
        Path log = directory.resolve(file.getFileName() + "-" + first + ".log");
        Process process = new ProcessBuilder(SeededRun.command(file, first, last))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }
}
