package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.CountedEnergy;
import org.secateur.profilers.core.energy.EnergyOptions;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.energy.GaugedEnergy;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.Plausibility;
import org.secateur.results.core.statistics.Estimate;

/** What the management library tells of a GPU, on stand-ins whose board draws power while its GPU works. */
@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class CudaEnergyTest {
    private static final WorkloadKey KEY =
            WorkloadKey.cold(Workload.of(new Activation(2, 2, 2, 2, ActivationKind.RELU), Pass.FORWARD));

    /** A launch takes 128 bytes / 128e3 bytes a second, and nothing else takes time on the device. */
    private static final double SECONDS = 1e-3;

    private static final long OURS = ProcessHandle.current().pid();

    /** Two boards, which CUDA numbers the other way round. */
    private static final List<String> BOARDS = List.of(
            "driver 550.54.15",
            "count 2",
            "0.name STAND-IN A",
            "0.uuid GPU-b0b1b2b3-b4b5-b6b7-b8b9-babbbcbdbebf",
            "0.pci 00000000:B9:00.0",
            "0.energy 5000",
            "1.name STAND-IN B",
            "1.uuid GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf",
            "1.pci 00000000:CA:00.0",
            "1.energy 1000000",
            "1.watts 100 400 0.1 0.002",
            "1.limit 700000",
            "1.temperature 41",
            "1.clock.1 1965",
            "1.clock.2 2619",
            "1.field.74 3 1500000000",
            "1.field.252 3 0",
            "1.processes " + OURS + ":1048576");

    private static final String THROTTLING = "1.field.74 3 1500000000 2e8";
    private static final String FOREIGN = "1.processes " + OURS + ":1048576 " + (OURS + 1) + ":none";

    private StandIn standIn;

    @BeforeEach
    void world() {
        standIn = StandIn.loaded();
        standIn.world("devices 2", "bytes_per_second 128e3", "launch_seconds 0", "node_seconds 0", "call_seconds 1e-5");
        standIn.boards(BOARDS);
    }

    @AfterEach
    void nothingIsLeft() {
        standIn.world();
        standIn.boards(List.of());
        assertThat(standIn.live()).isZero();
        assertThat(standIn.liveBoards()).isZero();
    }

    private CountedEnergy gauge(CudaDevice device) {
        return new CountedEnergy(device, EnergyOptions.quick(), standIn.time(), 1);
    }

    private static GaugedEnergy energy(CountedEnergy gauge, Kernel kernel) {
        return gauge.energy(kernel, Quantity.measured(Estimate.exact(SECONDS)));
    }

    private static String reason(Quantity quantity) {
        return quantity instanceof Quantity.Missing missing ? missing.reason() : "not missing";
    }

    /** As on a host where nothing else runs. */
    private static Measurement row(CudaDevice device) {
        Surroundings quiet = new Surroundings(System::nanoTime, InstantSource.system(), Optional::empty);
        List<Measurement> rows = new ArrayList<>();
        new Sampler(SamplerOptions.rough(), quiet, Sampler.NO_ENERGY, 1).measure(device, List.of(KEY), rows::add);
        return rows.get(0);
    }

    @Test
    void aLaunchTakesTheJoulesThatItsBoardDrawsForIt() {
        try (CudaDevice device = standIn.device();
                Kernel kernel = device.open(KEY)) {
            GaugedEnergy energy = energy(gauge(device), kernel);
            assertThat(energy.joules().provenance()).isEqualTo(Provenance.MEASURED);
            assertThat(energy.joules().estimate().orElseThrow().value()).isCloseTo(400 * SECONDS, withPercentage(1));
            assertThat(energy.readings().get(Plausibility.IDLE_WATTS)).isCloseTo(100, withPercentage(1));
            assertThat(energy.readings()).containsEntry(Plausibility.LIMIT_WATTS, 700.0);
            assertThat(energy.readings().get("counterTickSeconds")).isCloseTo(0.1, withPercentage(2));
            assertThat(energy.samples()).hasSize(1);
            assertThat(energy.flags()).containsExactly(Flag.ENERGY_WIDE);
        }
    }

    @Test
    void aGpuHasTheBoardOfItsUuidWhateverItsNumber() {
        try (CudaDevice second = standIn.device(1);
                CudaDevice first = standIn.device(0)) {
            EnergySource other = second.energySource();
            assertThat(other.device()).startsWith("STAND-IN A GPU-b0b1");
            assertThat(other.counter().joules()).isEqualTo(5);
            assertThat(first.energySource().device()).startsWith("STAND-IN B GPU-a0a1");
            assertThat(first.conditions().readings())
                    .containsEntry("coreClockHertz", 1.965e9)
                    .containsEntry("memoryClockHertz", 2.619e9)
                    .containsEntry("temperatureCelsius", 41.0)
                    .containsEntry("heldBackByPowerSeconds", 1.5)
                    .containsEntry("heldBackByHardwareThermalSeconds", 0.0)
                    .containsEntry(Conditions.FOREIGN_PROCESSES, 0.0)
                    .containsKey("freeMemoryBytes");
            assertThat(second.conditions().readings()).containsOnlyKeys("freeMemoryBytes");
            assertThat(first.fingerprint().identity())
                    .containsEntry("driver", "550.54.15")
                    .containsEntry("powerLimitWatts", "700.0");
            assertThat(second.fingerprint().identity()).containsEntry("powerLimitWatts", "unknown");
        }
    }

    @Test
    void aGpuWhoseUuidIsNotKnownHasTheBoardOfItsPlace() {
        standIn.boards(BOARDS, "1.uuid MIG-something-else");
        try (CudaDevice device = standIn.device()) {
            assertThat(device.energySource().device()).startsWith("STAND-IN B ");
        }
    }

    @Test
    void withoutABoardTimesAreMeasuredAndJoulesHaveAReason() {
        standIn.boards(List.of("count 1", "0.uuid GPU-other", "0.pci 00000000:01:00.0", "0.energy 1"));
        try (CudaDevice device = standIn.device()) {
            assertThat(row(device).seconds().estimate()).isPresent();
            assertThat(device.conditions().readings()).containsOnlyKeys("freeMemoryBytes");
            assertThatThrownBy(device::energySource)
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("does not know this GPU");
        }
        Board none = Board.of("/nowhere/libnvidia-ml.so.1", "GPU-a", "0000:CA:00.0");
        assertThatThrownBy(none::energy).isInstanceOf(SecateurException.class).hasMessageContaining("no NVIDIA driver");
    }

    @Test
    void aCounterThatTheBoardDoesNotOfferIsNamed() {
        standIn.boards(BOARDS, "1.fail.nvmlDeviceGetTotalEnergyConsumption 3");
        try (CudaDevice device = standIn.device();
                Kernel kernel = device.open(KEY)) {
            assertThatThrownBy(device::energySource)
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("NOT_SUPPORTED");
            assertThat(reason(energy(gauge(device), kernel).joules())).contains("NOT_SUPPORTED");
        }
    }

    @Test
    void aFrozenCounterLeavesAReasonAndNoNumber() {
        standIn.boards(BOARDS, "1.watts none");
        try (CudaDevice device = standIn.device();
                Kernel kernel = device.open(KEY)) {
            assertThat(reason(energy(gauge(device), kernel).joules())).contains("frozen");
        }
    }

    @Test
    void aRowOfAThrottledGpuIsFlagged() {
        try (CudaDevice device = standIn.device()) {
            assertThat(row(device).flags()).doesNotContain(Flag.THROTTLED, Flag.CONTENDED);
            standIn.boards(BOARDS, THROTTLING);
            Measurement throttled = row(device);
            assertThat(throttled.flags()).contains(Flag.THROTTLED).doesNotContain(Flag.CONTENDED);
            assertThat(throttled.discarded()).containsOnlyKeys("throttled (kept)");
        }
    }

    @Test
    void theEnergyOfAThrottledGpuIsNoNumber() {
        try (CudaDevice device = standIn.device();
                Kernel kernel = device.open(KEY)) {
            CountedEnergy gauge = gauge(device);
            assertThat(energy(gauge, kernel).joules().estimate()).isPresent();
            standIn.boards(BOARDS, THROTTLING);
            GaugedEnergy energy = energy(gauge, kernel);
            assertThat(reason(energy.joules())).contains("throttled");
            assertThat(energy.flags()).contains(Flag.ENERGY_THROTTLED);
        }
    }

    @Test
    void anotherProcessOnTheGpuIsSeen() {
        standIn.boards(BOARDS, FOREIGN);
        try (CudaDevice device = standIn.device();
                Kernel kernel = device.open(KEY)) {
            assertThat(row(device).flags()).contains(Flag.CONTENDED);
            assertThat(reason(energy(gauge(device), kernel).joules()))
                    .contains("foreign process")
                    .contains(Long.toString(OURS + 1));
        }
    }
}
