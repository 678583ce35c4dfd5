package org.secateur.profilers.core.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.probe.Probe.Status;

class ProbesTest {
    @TempDir
    Path empty;

    @Test
    void theClocksStepAndPriceAreSeen() {
        // A clock that shows steps of 50 ns and is read every 10 ns.
        AtomicLong time = new AtomicLong();
        ClockProbe probe = new ClockProbe(() -> time.addAndGet(10) / 50 * 50);

        assertThat(probe.status()).isEqualTo(Status.AVAILABLE);
        assertThat(probe.periodSeconds().orElseThrow()).isCloseTo(50e-9, within(1e-15));
        assertThat(probe.callSeconds().orElseThrow()).isCloseTo(10e-9, within(1e-12));
    }

    @Test
    void aClockThatStandsStillIsUnavailable() {
        ClockProbe probe = new ClockProbe(() -> 42);

        assertThat(probe.status()).isInstanceOf(Status.Unavailable.class);
        assertThat(probe.readings()).isEmpty();
        assertThat(probe.periodSeconds()).isEmpty();
    }

    @Test
    void theHostTellsItsSizeAndNothingThatItDoesNotKnow() {
        HostProbe probe = new HostProbe(empty);

        assertThat(probe.readings()).containsKeys("logicalProcessors", "memoryBytes");
        assertThat(probe.readings()).doesNotContainKeys("stealSeconds", "involuntarySwitches");
        assertThat(probe.readings().values())
                .allSatisfy(value -> assertThat(value).isFinite().isNotNegative());
        assertThat(probe.facts()).containsKey("processor");
    }

    @Test
    void aSentinelForUnknownIsNoReading() {
        assertThat(HostProbe.known(Map.of("a", -1.0, "b", 0.0, "c", Double.NaN, "d", 2.5, "e", 1 / 0.0)))
                .isEqualTo(Map.of("d", 2.5));
    }

    @Test
    void withoutADriverNvmlSaysSo() {
        NvmlProbe probe = new NvmlProbe("libsecateur-is-not-here.so.1");

        assertThat(((Status.Unavailable) probe.status()).reason()).contains("libsecateur-is-not-here.so.1");
        assertThat(probe.readings()).isEmpty();
    }
}
