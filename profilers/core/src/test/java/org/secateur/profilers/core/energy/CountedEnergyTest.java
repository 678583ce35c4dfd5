package org.secateur.profilers.core.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SensorFault;
import org.secateur.profilers.core.simulation.SensorModel;
import org.secateur.profilers.core.simulation.SimulatedBoard;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.profilers.core.simulation.VirtualClock;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.Plausibility;
import org.secateur.results.core.cost.TableCheck;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.core.statistics.Verdict;

/** Energy on its way from a counter into rows, on a simulated processor of 60 W idle. */
class CountedEnergyTest {
    private static final double SECONDS = 2e-3;
    private static final double WATTS = 240;
    private static final double TRUTH = (60 + WATTS) * SECONDS;

    private final SimulatedBoard board = new SimulatedBoard(BoardModel.PLAIN, new VirtualClock(), 1);
    private final SimulatedDevice device =
            new SimulatedDevice(workload -> SECONDS, workload -> WATTS, Disturbance.NONE, board, 1);

    private CountedEnergy gauge(MeteredDevice metered, EnergyOptions options) {
        return new CountedEnergy(metered, options, device.surroundings().hostTime(), 1);
    }

    private Sampler sampler(EnergyOptions options) {
        return new Sampler(SamplerOptions.rough().withPairs(6, 0.1), device.surroundings(), gauge(device, options), 1);
    }

    private static Quantity seconds() {
        return Quantity.measured(Estimate.exact(SECONDS));
    }

    @Test
    void theEnergyOfAKernelIsWhatTheBoardDrawsForIt() {
        try (Kernel kernel = device.kernel(SECONDS, WATTS)) {
            GaugedEnergy energy = gauge(device, EnergyOptions.standard()).energy(kernel, seconds());
            assertThat(energy.joules().provenance()).isEqualTo(Provenance.MEASURED);
            assertThat(energy.joules().estimate().orElseThrow().value()).isCloseTo(TRUTH, withPercentage(0.5));
            assertThat(energy.samples()).hasSize(6);
            assertThat(energy.flags()).isEmpty();
            assertThat(energy.readings().get(Plausibility.WATTS)).isCloseTo(300, withPercentage(0.5));
            assertThat(energy.readings().get(Plausibility.IDLE_WATTS)).isCloseTo(60, withPercentage(1));
            assertThat(energy.readings()).containsEntry(Plausibility.LIMIT_WATTS, 500.0);
            assertThat(energy.readings()).containsKey("counterTickSeconds");
        }
    }

    @Test
    void rowsHoldTheEnergyWithAllThatIsNeededToComputeItAgain() {
        List<Measurement> rows = new ArrayList<>();
        WorkloadKey key = WorkloadKey.cold(Workload.of(new Linear(8, 16, 10), Pass.FORWARD));

        sampler(EnergyOptions.quick()).measure(device, List.of(key), rows::add);

        Measurement row = rows.get(0);
        assertThat(row.joules().estimate().orElseThrow().value()).isCloseTo(TRUTH, withPercentage(1));
        assertThat(row.energySamples()).hasSize(1);
        assertThat(device.open()).isZero();
        CostTable table = CostTable.of(device.name(), device.fingerprint(), rows);
        assertThat(TableCheck.of(table).mismatches()).isEmpty();
        assertThat(Plausibility.OF_POWER.problem(row)).isEmpty();
        assertThat(row.flags()).contains(Flag.ENERGY_WIDE);
        assertThat(Flag.ofSeconds(row.flags())).doesNotContain(Flag.ENERGY_WIDE);
        assertThat(Flag.ofJoules(row.flags(), row.joules())).contains(Flag.ENERGY_WIDE);
    }

    @Test
    void twoKernelsAreComparedInWindowsOfTheSameRounds() {
        PairedTiming timing = sampler(EnergyOptions.standard())
                .compare(
                        device,
                        () -> device.kernel(SECONDS, WATTS),
                        () -> device.kernel(SECONDS, WATTS * 0.9),
                        PairedComparison.LEAST_DELTA);

        PairedComparison energy = timing.energy().orElseThrow();
        assertThat(energy.ratio().value()).isCloseTo((60 + 0.9 * WATTS) / (60 + WATTS), within(0.005));
        assertThat(energy.verdict()).isEqualTo(Verdict.FASTER);
        assertThat(energy.pairs()).isEqualTo(6);
        assertThat(timing.comparison().verdict()).isEqualTo(Verdict.SAME);
        assertThat(timing.baseline().joules().estimate().orElseThrow().value()).isCloseTo(TRUTH, withPercentage(0.5));
        assertThat(timing.candidate().energySamples()).hasSize(6);
        assertThat(device.open()).isZero();
    }

    @Test
    void theJoulesOfAReferenceAreComparedWithThemselves() {
        Control same = sampler(EnergyOptions.standard()).energyControl(device).orElseThrow();
        assertThat(same.valid()).isTrue();
        assertThat(same.delta()).isGreaterThanOrEqualTo(PairedComparison.LEAST_DELTA);
        assertThat(same.energyWarning()).isEmpty();
        assertThat(new Sampler(SamplerOptions.rough(), device.surroundings(), Sampler.NO_ENERGY, 1)
                        .energyControl(device))
                .isEmpty();
        assertThat(device.open()).isZero();
    }

    @Test
    void joulesOfARunWhoseControlFailedAreFlaggedAndItsTimesAreNot() {
        PairedTiming timing = sampler(EnergyOptions.quick())
                .compare(
                        device,
                        () -> device.kernel(SECONDS, WATTS),
                        () -> device.kernel(SECONDS, WATTS),
                        PairedComparison.LEAST_DELTA);
        double[] joules = {1, 1.01, 0.99, 1, 1.01, 0.99};
        double[] more = {1.1, 1.11, 1.09, 1.1, 1.11, 1.09};
        Control passed = new Control(PairedComparison.of(joules, joules, 0.01, 0.95));
        Control failed = new Control(PairedComparison.of(joules, more, 0.01, 0.95));

        assertThat(passed.judgedJoules(timing)).isEqualTo(timing);
        PairedTiming judged = failed.judgedJoules(timing);
        assertThat(judged.baseline().flags()).contains(Flag.ENERGY_INVALID);
        assertThat(judged.candidate().flags()).contains(Flag.ENERGY_INVALID);
        assertThat(Flag.ofSeconds(judged.baseline().flags()))
                .isEqualTo(Flag.ofSeconds(timing.baseline().flags()));
        assertThat(failed.energyWarning())
                .hasValueSatisfying(
                        why -> assertThat(why).contains("joules of the reference kernel", "ENERGY_INVALID"));
    }

    @Test
    void aBrokenCounterLeavesAReasonAndNoNumber() {
        EnergySource frozen = new EnergySource(
                "SIMULATED",
                board.counter(SensorModel.PROCESSOR, SensorFault.frozen(0)),
                null,
                () -> BoardState.UNKNOWN,
                0);
        CountedEnergy gauge = gauge(new Rewired(device, frozen), EnergyOptions.quick());
        try (Kernel kernel = device.kernel(SECONDS, WATTS)) {
            for (int i = 0; i < 3; i++) {
                assertThat(reason(gauge.energy(kernel, seconds()).joules())).contains("frozen");
            }
            assertThat(reason(gauge.energy(kernel, seconds()).joules())).contains("could not be calibrated");
            assertThat(gauge.compare(kernel, seconds(), kernel, seconds(), 0.01).comparison())
                    .isEmpty();
        }
    }

    @Test
    void withoutATimeThereIsNoEnergy() {
        try (Kernel kernel = device.kernel(SECONDS, WATTS)) {
            Quantity none = Quantity.unavailable("two modes");
            assertThat(gauge(device, EnergyOptions.quick()).energy(kernel, none).joules())
                    .isEqualTo(none);
        }
    }

    /** A device with the sensors of another one. */
    private record Rewired(SimulatedDevice device, EnergySource energySource) implements MeteredDevice {
        @Override
        public String id() {
            return device.id();
        }

        @Override
        public String name() {
            return device.name();
        }

        @Override
        public String kind() {
            return device.kind();
        }

        @Override
        public Fingerprint fingerprint() {
            return device.fingerprint();
        }

        @Override
        public Kernel open(WorkloadKey key) {
            return device.open(key);
        }

        @Override
        public Kernel open(StepProgram program) {
            return device.open(program);
        }

        @Override
        public Conditions conditions() {
            return device.conditions();
        }

        @Override
        public void close() {
            device.close();
        }
    }

    private static String reason(Quantity quantity) {
        return quantity instanceof Quantity.Missing missing ? missing.reason() : "not missing";
    }
}
