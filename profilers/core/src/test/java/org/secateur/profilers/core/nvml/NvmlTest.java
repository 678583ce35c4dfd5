package org.secateur.profilers.core.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.host.ClockPair;
import org.secateur.profilers.core.nvml.NvmlDevice.Clock;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

class NvmlTest {
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

    @AfterEach
    void everyInitialisationIsShutDown() {
        assertThat(driver.live()).isZero();
    }

    private static Nvml open() {
        return Nvml.open(driver.library());
    }

    private static NvmlDevice device(Nvml nvml, int index) {
        return nvml.device(index).known().orElseThrow();
    }

    private static <T> T value(Answer<T> answer) {
        assertThat(answer).isInstanceOf(Answer.Value.class);
        return answer.known().orElseThrow();
    }

    private static NvmlReturn code(Answer<?> answer) {
        assertThat(answer).isInstanceOf(Answer.Failure.class);
        return ((Answer.Failure<?>) answer).code();
    }

    @Test
    void readingsComeInTheUnitsOfTheirNames() {
        try (Nvml nvml = open()) {
            assertThat(value(nvml.driverVersion())).isEqualTo("550.54.15");
            assertThat(value(nvml.version())).isEqualTo("12.550.54.15");
            assertThat(value(nvml.count())).isEqualTo(2);
            NvmlDevice device = device(nvml, 0);
            assertThat(value(device.index())).isZero();
            assertThat(value(device.name())).isEqualTo("STAND-IN A");
            assertThat(value(device.uuid())).isEqualTo("GPU-00000000-aaaa");
            assertThat(value(device.pciBusId())).isEqualTo("00000000:17:00.0");
            assertThat(value(device.energyJoules())).isEqualTo(1000.0);
            assertThat(value(device.averagePowerWatts())).isEqualTo(101.0);
            assertThat(value(device.instantPowerWatts())).isEqualTo(250.5);
            assertThat(value(device.powerLimitWatts())).isEqualTo(350.0);
            assertThat(value(device.temperatureCelsius())).isEqualTo(41.0);
            assertThat(value(device.clockHertz(Clock.GRAPHICS))).isEqualTo(1980e6);
            assertThat(value(device.clockHertz(Clock.SM))).isEqualTo(1965e6);
            assertThat(value(device.clockHertz(Clock.MEMORY))).isEqualTo(2619e6);
        }
    }

    @Test
    void aCudaDeviceIsFoundByPciBusIdOrUuidHoweverItIsNumbered() {
        // CUDA sorts by speed, or shows only some: its device 0 is NVML's device 1.
        List<String> pciBusIdOfCuda = List.of("0000:ca:00.0", "0000:17:00.0");
        try (Nvml nvml = open()) {
            NvmlDevice first = value(nvml.atPciBusId(pciBusIdOfCuda.get(0)));
            NvmlDevice second = value(nvml.atPciBusId(pciBusIdOfCuda.get(1)));

            assertThat(value(first.index())).isEqualTo(1);
            assertThat(value(first.energyJoules())).isEqualTo(7.0);
            assertThat(value(second.index())).isZero();
            assertThat(value(value(nvml.withUuid("GPU-11111111-bbbb")).index())).isEqualTo(1);
            assertThat(code(nvml.atPciBusId("0000:01:00.0"))).isEqualTo(NvmlReturn.NOT_FOUND);
            assertThat(code(nvml.withUuid("GPU-22222222-cccc"))).isEqualTo(NvmlReturn.NOT_FOUND);
        }
    }

    @Test
    void whatABoardDoesNotOfferIsDataAndTheRestGoesOn() {
        try (Nvml nvml = open()) {
            NvmlDevice bare = device(nvml, 1);

            Answer<Double> power = bare.instantPowerWatts();
            assertThat(code(power)).isEqualTo(NvmlReturn.NOT_SUPPORTED);
            assertThat(((Answer.Failure<Double>) power).reason())
                    .isEqualTo("nvmlDeviceGetFieldValues of 186 answers NOT_SUPPORTED: this GPU does not offer it");
            assertThat(code(bare.temperatureCelsius())).isEqualTo(NvmlReturn.NOT_SUPPORTED);
            assertThat(code(bare.powerSamples(0, new ClockPair(0, 0)))).isEqualTo(NvmlReturn.NOT_SUPPORTED);
            assertThat(value(bare.computeProcesses())).isEmpty();
            assertThat(value(bare.energyJoules())).isEqualTo(7.0);
        }
    }

    @Test
    void aGpuThatIsLostMidwayIsNamedAndTheOtherGoesOn() throws IOException {
        try (Nvml nvml = open()) {
            NvmlDevice lost = device(nvml, 0);
            assertThat(value(lost.energyJoules())).isPositive();
            driver.answers(
                    StandIn.TWO_GPUS,
                    "0.fail.nvmlDeviceGetTotalEnergyConsumption 15",
                    "0.fail.nvmlDeviceGetFieldValues 15");

            assertThat(code(lost.energyJoules())).isEqualTo(NvmlReturn.GPU_IS_LOST);
            assertThat(((Answer.Failure<Double>) lost.energyJoules()).reason()).contains("GPU_IS_LOST", "bus");
            assertThat(code(lost.instantPowerWatts())).isEqualTo(NvmlReturn.GPU_IS_LOST);
            assertThat(lost.heldBackSeconds().values())
                    .allSatisfy(answer -> assertThat(code(answer)).isEqualTo(NvmlReturn.GPU_IS_LOST));
            assertThat(value(device(nvml, 1).energyJoules())).isEqualTo(7.0);
        }
    }

    @Test
    void aFieldIsReadByTheTypeThatTheDriverGivesIt() throws IOException {
        List<String> types = List.of("0 250500.0", "1 250500", "2 250500", "3 250500", "4 250500", "5 250500");
        try (Nvml nvml = open()) {
            for (String type : types) {
                driver.answers(StandIn.TWO_GPUS, "0.field.186 " + type);
                assertThat(value(device(nvml, 0).instantPowerWatts())).as(type).isEqualTo(250.5);
            }
            driver.answers(StandIn.TWO_GPUS, "0.field.186 6 65535");
            assertThat(value(device(nvml, 0).instantPowerWatts())).isEqualTo(65.535);
            driver.answers(StandIn.TWO_GPUS, "0.field.186 1 4294967295");
            assertThat(value(device(nvml, 0).instantPowerWatts())).isEqualTo(4294967.295);
            driver.answers(StandIn.TWO_GPUS, "0.field.186 0 nan");
            assertThat(code(device(nvml, 0).instantPowerWatts())).isEqualTo(NvmlReturn.NO_DATA);
            driver.answers(StandIn.TWO_GPUS, "0.field.186 77 1");
            assertThat(code(device(nvml, 0).instantPowerWatts())).isEqualTo(NvmlReturn.NO_DATA);
        }
    }

    @Test
    void whatHeldTheClocksBackIsCountedByReason() {
        try (Nvml nvml = open()) {
            Map<EventReason, Answer<Double>> seconds = device(nvml, 0).heldBackSeconds();

            assertThat(seconds.keySet()).containsExactly(EventReason.values());
            assertThat(seconds)
                    .containsEntry(EventReason.POWER, new Answer.Value<>(1.5))
                    .containsEntry(EventReason.HARDWARE_THERMAL, new Answer.Value<>(0.0))
                    .containsEntry(
                            EventReason.THERMAL,
                            new Answer.Failure<>("nvmlDeviceGetFieldValues of 75", NvmlReturn.NOT_SUPPORTED));
        }
    }

    @Test
    void samplesComeWithTheTimeOfTheMonotonicClock() {
        ClockPair clocks = new ClockPair(5_000_000_000L, 1_040_000);
        try (Nvml nvml = open()) {
            NvmlDevice device = device(nvml, 0);

            assertThat(value(device.powerSamples(0, clocks)))
                    .containsExactly(
                            new PowerSample(1_000_000, 4_960_000_000L, 100),
                            new PowerSample(1_020_000, 4_980_000_000L, 200),
                            new PowerSample(1_040_000, 5_000_000_000L, 300));
            assertThat(value(device.powerSamples(1_020_000, clocks)))
                    .containsExactly(new PowerSample(1_040_000, 5_000_000_000L, 300));
            assertThat(value(device.powerSamples(1_040_000, clocks))).isEmpty();
        }
    }

    @Test
    void processesAreListedHoweverManyThereAre() throws IOException {
        try (Nvml nvml = open()) {
            assertThat(value(device(nvml, 0).computeProcesses()))
                    .containsExactly(
                            new ComputeProcess(4711, OptionalLong.of(1048576)),
                            new ComputeProcess(4712, OptionalLong.empty()));

            String many = IntStream.range(0, 300).mapToObj(i -> i + ":" + i).collect(Collectors.joining(" "));
            driver.answers(StandIn.TWO_GPUS, "0.processes " + many);
            List<ComputeProcess> processes = value(device(nvml, 0).computeProcesses());
            assertThat(processes).hasSize(300);
            assertThat(processes.get(299)).isEqualTo(new ComputeProcess(299, OptionalLong.of(299)));
        }
    }

    @Test
    void whyTheLibraryCannotBeInitialisedIsToldWithTheFix() throws IOException {
        assertThat(failure(9)).hasMessageContaining("DRIVER_NOT_LOADED").hasMessageContaining("modprobe nvidia");
        assertThat(failure(18)).hasMessageContaining("LIB_RM_VERSION_MISMATCH").hasMessageContaining("restart");
        assertThat(failure(4)).hasMessageContaining("NO_PERMISSION").hasMessageContaining("/dev/nvidiactl");
        assertThat(failure(77)).hasMessageContaining("error 77").hasMessageContaining("nvidia-smi");
    }

    private static SecateurException failure(int code) throws IOException {
        driver.answers(StandIn.TWO_GPUS, "fail.nvmlInit_v2 " + code);
        SecateurException failure = catchThrowableOfType(SecateurException.class, NvmlTest::open);
        assertThat(failure.exit()).isEqualTo(ExitCode.ENVIRONMENT);
        return failure;
    }

    @Test
    void anOlderLibraryLacksAFunctionAndNothingElse(@TempDir Path other) throws IOException, InterruptedException {
        StandIn old = StandIn.build(other, "-DSTANDIN_OLD");
        old.answers(StandIn.TWO_GPUS);
        try (Nvml nvml = Nvml.open(old.library())) {
            NvmlDevice device = device(nvml, 0);

            assertThat(code(device.instantPowerWatts())).isEqualTo(NvmlReturn.FUNCTION_NOT_FOUND);
            assertThat(device.heldBackSeconds().values())
                    .allSatisfy(answer -> assertThat(code(answer)).isEqualTo(NvmlReturn.FUNCTION_NOT_FOUND));
            assertThat(value(device.energyJoules())).isEqualTo(1000.0);
        }
        assertThat(old.live()).isZero();
    }

    @Test
    void closingTwiceReleasesOnce() {
        Nvml other = open();
        Nvml nvml = open();
        nvml.close();
        nvml.close();

        assertThat(driver.live()).isEqualTo(1);
        assertThat(value(device(other, 0).index())).isZero();
        other.close();
        assertThat(code(other.count())).isEqualTo(new NvmlReturn(1));
    }

    @Test
    void withoutADriverTheLibraryIsNamed() {
        SecateurException failure =
                catchThrowableOfType(SecateurException.class, () -> Nvml.open("libsecateur-is-not-here.so.1"));

        assertThat(failure.what()).contains("libsecateur-is-not-here.so.1", "no NVIDIA driver");
    }
}
