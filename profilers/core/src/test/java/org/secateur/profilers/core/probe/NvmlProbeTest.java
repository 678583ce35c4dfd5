package org.secateur.profilers.core.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.nvml.StandIn;
import org.secateur.profilers.core.probe.Probe.Status;

class NvmlProbeTest {
    @TempDir
    static Path folder;

    private static StandIn driver;

    /** Virtual: a pause takes its time, everything else none. */
    private final AtomicLong time = new AtomicLong();

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        driver = StandIn.build(folder);
    }

    @AfterEach
    void theLibraryIsReleased() {
        assertThat(driver.live()).isZero();
    }

    private NvmlProbe probe() {
        return new NvmlProbe(driver.library(), time::get, time::addAndGet);
    }

    @Test
    void everyGpuIsReadUnderItsNumber() throws IOException {
        driver.answers(StandIn.TWO_GPUS, "1.energy 7000 250 20");
        try (NvmlProbe probe = probe()) {
            assertThat(probe.status()).isEqualTo(Status.AVAILABLE);
            assertThat(probe.readings())
                    .containsEntry("gpu0.instantPowerWatts", 250.5)
                    .containsEntry("gpu0.averagePowerWatts", 101.0)
                    .containsEntry("gpu0.powerLimitWatts", 350.0)
                    .containsEntry("gpu0.smClockHertz", 1965e6)
                    .containsEntry("gpu0.temperatureCelsius", 41.0)
                    .containsEntry("gpu0.computeProcesses", 2.0)
                    .containsEntry("gpu0.heldBackByPowerSeconds", 1.5)
                    .containsEntry("gpu0.heldBackByHardwareThermalSeconds", 0.0)
                    .containsEntry("gpu1.computeProcesses", 0.0)
                    .containsKeys("gpu0.energyJoules", "gpu1.energyJoules")
                    .doesNotContainKeys("gpu1.instantPowerWatts", "gpu1.temperatureCelsius");
            assertThat(probe.facts())
                    .containsEntry("driver", "550.54.15")
                    .containsEntry("gpu1", "STAND-IN B, GPU-11111111-bbbb, 00000000:CA:00.0");
            assertThat(probe.facts().get("gpu1.unavailable"))
                    .startsWith("NOT_SUPPORTED: this GPU does not offer it (averagePowerWatts, ")
                    .contains("temperatureCelsius");
            assertThat(probe.resolution()).containsEntry("energyJoules", 1e-3);
        }
    }

    @Test
    void theCountersPeriodIsHeardAtLeisure() throws IOException {
        driver.answers(StandIn.TWO_GPUS, "0.energy 1000 2500 20"); // a tick every 20 readings of 5 ms
        try (NvmlProbe probe = probe()) {
            assertThat(probe.periodSeconds().orElseThrow()).isCloseTo(0.1, within(1e-9));
            assertThat(probe.callSeconds()).hasValue(0);
            assertThat(time.get()).isLessThan(1_100_000_000L);
        }
    }

    @Test
    void aFrozenCounterHasNoPeriodAndIsGivenUpAfterASecond() throws IOException {
        driver.answers(StandIn.TWO_GPUS, "0.energy 1000");
        try (NvmlProbe probe = probe()) {
            assertThat(probe.periodSeconds()).isEmpty();
            assertThat(time.get()).isBetween(1_000_000_000L, 1_010_000_000L);
        }
    }

    @Test
    void aBoardWithoutACounterIsStillReadOtherwise() throws IOException {
        driver.answers(StandIn.TWO_GPUS, "0.fail.nvmlDeviceGetTotalEnergyConsumption 3");
        try (NvmlProbe probe = probe()) {
            assertThat(probe.status()).isEqualTo(Status.AVAILABLE);
            assertThat(probe.periodSeconds()).isEmpty();
            assertThat(probe.callSeconds()).isEmpty();
            assertThat(probe.readings()).containsKey("gpu0.instantPowerWatts").doesNotContainKey("gpu0.energyJoules");
            assertThat(probe.facts().get("gpu0.unavailable")).contains("energyJoules");
        }
    }

    @Test
    void lostAndForbiddenGpusAreNamed() throws IOException {
        driver.answers(StandIn.TWO_GPUS, "1.fail.nvmlDeviceGetHandleByIndex_v2 15");
        try (NvmlProbe probe = probe()) {
            assertThat(probe.status()).isEqualTo(Status.AVAILABLE);
            assertThat(probe.facts().get("gpu1")).contains("GPU_IS_LOST");
        }
        driver.answers(StandIn.TWO_GPUS, "fail.nvmlDeviceGetHandleByIndex_v2 15");
        try (NvmlProbe probe = probe()) {
            assertThat(((Status.Unavailable) probe.status()).reason()).contains("gpu0", "gpu1", "GPU_IS_LOST");
            assertThat(probe.readings()).isEmpty();
        }
        driver.answers(StandIn.TWO_GPUS, "fail.nvmlInit_v2 18");
        try (NvmlProbe probe = probe()) {
            assertThat(((Status.Unavailable) probe.status()).reason()).contains("LIB_RM_VERSION_MISMATCH");
            assertThat(((Status.Unavailable) probe.status()).fix()).contains("restart");
        }
        driver.answers(StandIn.TWO_GPUS, "count 0");
        try (NvmlProbe probe = probe()) {
            assertThat(((Status.Unavailable) probe.status()).reason()).isEqualTo("NVML finds no GPU");
        }
    }

    @Test
    void aGpuThatIsLostLaterIsAbsentFromTheReadings() throws IOException {
        driver.answers(StandIn.TWO_GPUS);
        try (NvmlProbe probe = probe()) {
            assertThat(probe.readings()).containsKey("gpu0.energyJoules");
            driver.answers(StandIn.TWO_GPUS, "0.fail.nvmlDeviceGetTotalEnergyConsumption 15");
            assertThat(probe.readings()).doesNotContainKey("gpu0.energyJoules").containsKey("gpu1.energyJoules");
        }
    }

    @Test
    void withoutADriverNvmlSaysSo() {
        try (NvmlProbe probe = new NvmlProbe("libsecateur-is-not-here.so.1")) {
            assertThat(((Status.Unavailable) probe.status()).reason()).contains("libsecateur-is-not-here.so.1");
            assertThat(probe.readings()).isEmpty();
            assertThat(probe.resolution()).isEmpty();
            assertThat(probe.callSeconds()).isEmpty();
        }
    }
}
