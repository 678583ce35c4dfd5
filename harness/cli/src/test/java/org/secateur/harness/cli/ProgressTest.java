package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class ProgressTest {
    private final StringWriter err = new StringWriter();
    private long nanos;

    private Progress progress(boolean terminal) {
        return new Progress(
                new Console(new PrintWriter(new StringWriter()), new PrintWriter(err), terminal),
                () -> nanos,
                "profile");
    }

    private void tick(Progress progress, int seconds, double fraction) {
        nanos = seconds * 1_000_000_000L;
        progress.at(fraction, "conv1");
    }

    @Test
    void workOfLessThanTwoSecondsShowsNothing() {
        try (Progress progress = progress(true)) {
            tick(progress, 1, 0.9);
        }
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aTerminalsLineRewritesItselfAndIsRemoved() {
        try (Progress progress = progress(true)) {
            tick(progress, 5, 0.25);
            tick(progress, 10, 0.5);
        }
        assertThat(err.toString())
                .isEqualTo("\r\u001b[Kprofile [#####...............] 25 %, 15 s left  conv1"
                        + "\r\u001b[Kprofile [##########..........] 50 %, 10 s left  conv1"
                        + "\r\u001b[K");
    }

    @Test
    void aFileGetsALineEveryTenSeconds() {
        try (Progress progress = progress(false)) {
            for (int second = 1; second <= 25; second++) {
                tick(progress, second, second / 100.0);
            }
        }
        assertThat(err.toString().lines())
                .containsExactly(
                        "profile [....................] 2 %, 1 min 38 s left  conv1",
                        "profile [##..................] 12 %, 1 min 28 s left  conv1",
                        "profile [####................] 22 %, 1 min 18 s left  conv1");
    }
}
