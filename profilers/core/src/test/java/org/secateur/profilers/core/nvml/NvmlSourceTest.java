package org.secateur.profilers.core.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.energy.BoardState;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.results.core.SecateurException;

class NvmlSourceTest {
    private static final long OURS = 4711;

    @TempDir
    static Path folder;

    private static StandIn driver;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        driver = StandIn.build(folder);
    }

    @BeforeEach
    void twoGpus() throws IOException {
        driver.answers(StandIn.TWO_GPUS);
    }

    private static EnergySource source(Nvml nvml) {
        return NvmlSource.of(nvml, nvml.device(0).known().orElseThrow(), OURS);
    }

    @Test
    void aBoardCountsItsEnergyAndTellsItsPower() throws IOException {
        try (Nvml nvml = Nvml.open(driver.library())) {
            EnergySource source = source(nvml);
            assertThat(source.device()).isEqualTo("STAND-IN A GPU-00000000-aaaa driver 550.54.15");
            assertThat(source.counter().joules()).isEqualTo(1000);
            assertThat(source.counter().limitWatts()).isEqualTo(700);
            assertThat(source.counter().powerLimitWatts()).hasValue(350);
            assertThat(NvmlCounter.ofAll(nvml).powerLimitWatts())
                    .as("one tells none")
                    .isEmpty();
            assertThat(Objects.requireNonNull(source.power()).watts()).isEqualTo(250.5);
            driver.answers(StandIn.TWO_GPUS, "0.energy 1000500");
            assertThat(source.counter().joules()).isEqualTo(1000.5);
            assertThat(NvmlCounter.ofAll(nvml).joules()).isEqualTo(1007.5);
        }
    }

    @Test
    void aBoardWithoutInstantPowerHasItsCounterOnly() throws IOException {
        driver.answers(StandIn.TWO_GPUS, "0.fail.field.186 3");
        try (Nvml nvml = Nvml.open(driver.library())) {
            assertThat(source(nvml).power()).isNull();
        }
    }

    @Test
    void aLostBoardGivesAReasonAndNoNumber() throws IOException {
        try (Nvml nvml = Nvml.open(driver.library())) {
            EnergySource source = source(nvml);
            driver.answers(StandIn.TWO_GPUS, "0.fail.nvmlDeviceGetTotalEnergyConsumption 15");
            assertThatThrownBy(source.counter()::joules)
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("GPU_IS_LOST");
        }
    }

    @Test
    void itsStateHoldsClockTemperatureAndWhatLoweredTheClocks() {
        try (Nvml nvml = Nvml.open(driver.library())) {
            BoardState state = source(nvml).state().get();
            assertThat(state.clockHertz()).hasValue(1.965e9);
            assertThat(state.temperatureCelsius()).hasValue(41);
            assertThat(state.throttledSeconds()).isEqualTo(Map.of("POWER", 1.5, "HARDWARE_THERMAL", 0.0));
        }
    }

    @Test
    void ourOwnProcessIsNoForeignOne() throws IOException {
        try (Nvml nvml = Nvml.open(driver.library())) {
            EnergySource source = source(nvml);
            assertThat(source.state().get().foreignProcesses()).containsExactly(4712L);
            driver.answers(StandIn.TWO_GPUS, "0.processes 4711:1048576");
            assertThat(source.state().get().foreignProcesses()).isEmpty();
            // A container may know ours by another number.
            driver.answers(StandIn.TWO_GPUS, "0.processes 9:1048576");
            assertThat(source.state().get().foreignProcesses()).isEmpty();
            driver.answers(StandIn.TWO_GPUS, "0.processes 9:1048576 10:none");
            assertThat(source.state().get().foreignProcesses()).containsExactly(9L, 10L);
        }
    }

    @Test
    void aMachineWithoutBoardsHasNoCounter() throws IOException {
        driver.answers(List.of("count 0"));
        try (Nvml nvml = Nvml.open(driver.library())) {
            assertThatThrownBy(() -> NvmlCounter.ofAll(nvml))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("no GPU");
        }
    }
}
