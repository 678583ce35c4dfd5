package org.secateur.profilers.core.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.secateur.profilers.core.energy.EnergyBench.CALIBRATION;
import static org.secateur.profilers.core.energy.EnergyBench.STANDARD;
import static org.secateur.profilers.core.energy.EnergyBench.TRUTH;
import static org.secateur.profilers.core.energy.EnergyBench.reason;
import static org.secateur.profilers.core.energy.EnergyBench.value;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.profilers.core.Campaign;
import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.SensorFault;
import org.secateur.profilers.core.simulation.SensorModel;
import org.secateur.profilers.core.simulation.SimulatedBoard;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;

/** Every fault is reported by its name, and never as a number. In a campaign the seeds are many. */
class EnergyFaultTest {
    private static final double LOWERED = 1500.0 / 1980;

    /** A moment in the first trial's window: after the idle check, the rest and the lead-in. */
    private static final double IN_FIRST_WINDOW = 9;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Campaign.size(1, 50));
    }

    /** Each seed has its own moment in that window, which opens before 7 s and is open until 10.7 s at least. */
    private static double inFirstWindow(long seed) {
        return IN_FIRST_WINDOW + (seed - 1) % 30 * 0.05;
    }

    private static EnergyMeasurement measured(long seed, BoardModel model) {
        EnergyBench bench = new EnergyBench(model, seed);
        return bench.meter(STANDARD).measure(bench.load());
    }

    private static EnergyMeasurement measured(long seed, SensorFault fault) {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, seed);
        return bench.meter(fault).measure(bench.load());
    }

    private static void assertNoNumber(EnergyMeasurement energy, String fault) {
        assertThat(reason(energy)).startsWith(fault + ": ");
        assertThat(energy.netJoules()).isEqualTo(energy.joules());
        assertThat(energy.watts()).isEqualTo(energy.joules());
        assertThat(energy.ratio()).isEqualTo(energy.joules());
        assertThat(energy.windows()).isEmpty();
    }

    private static void assertOneTrialRejected(EnergyMeasurement energy, String fault) {
        assertThat(energy.discarded()).isEqualTo(Map.of(fault, 1));
        assertThat(value(energy.joules())).isCloseTo(TRUTH, withPercentage(0.5));
        assertThat(energy.windows()).hasSize(STANDARD.trials());
    }

    /** E-12. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aTrialWithLoweredClocksIsRejectedAndCounted(long seed) {
        EnergyMeasurement energy = measured(
                seed,
                BoardModel.PLAIN.withThrottling(
                        t -> t > inFirstWindow(seed) && t < inFirstWindow(seed) + 0.05 ? LOWERED : 1, true));

        assertOneTrialRejected(energy, "throttled");
        assertThat(energy.flags()).contains(Flag.ENERGY_THROTTLED);
    }

    /** E-12. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aDeviceThatIsAlwaysThrottledHasNoNumber(long seed) {
        EnergyMeasurement energy = measured(seed, BoardModel.PLAIN.withThrottling(t -> t > 4 ? LOWERED : 1, true));

        assertNoNumber(energy, "throttled");
        assertThat(reason(energy)).contains(SimulatedBoard.THROTTLE_REASON).contains("{throttled=2}");
        assertThat(energy.flags()).contains(Flag.ENERGY_THROTTLED);
    }

    /** E-12: a quarter less, which a limit of 75 % of the clock would not see. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aLoweredClockIsSeenWithoutCountersToo(long seed) {
        EnergyMeasurement energy =
                measured(seed, BoardModel.PLAIN.withThrottling(t -> t > inFirstWindow(seed) ? LOWERED : 1, false));

        assertNoNumber(energy, "throttled");
        assertThat(reason(energy)).contains("1.980e+09").contains("1.500e+09");
    }

    /** E-13. */
    @ParameterizedTest
    @MethodSource("seeds")
    void anotherProcessEndsTheMeasurement(long seed) {
        EnergyMeasurement energy =
                measured(seed, BoardModel.PLAIN.withForeign(t -> t > inFirstWindow(seed) ? 100 : 0, true));

        assertNoNumber(energy, "foreign process");
        assertThat(reason(energy)).contains(Long.toString(SimulatedBoard.FOREIGN_PROCESS));
        assertThat(energy.flags()).contains(Flag.ENERGY_CONTENDED);
    }

    /** E-13: as from inside a container. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aHiddenProcessIsKnownByItsPower(long seed) {
        EnergyMeasurement energy = measured(seed, BoardModel.PLAIN.withForeign(t -> 40, false));

        assertNoNumber(energy, "foreign process");
        assertThat(reason(energy)).contains("60.0 W");
        Matcher draws = Pattern.compile("draws ([0-9.]+) W").matcher(reason(energy));
        assertThat(draws.find()).isTrue();
        assertThat(Double.parseDouble(draws.group(1))).isCloseTo(60 + 40, withPercentage(1));
        assertNoNumber(measured(seed, BoardModel.PLAIN.withForeign(t -> 17, false)), "foreign process");
        assertThat(measured(seed, BoardModel.PLAIN.withForeign(t -> 13, false)).joules())
                .isInstanceOf(Quantity.Known.class);
    }

    /** E-14. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1.7, 6.5, IN_FIRST_WINDOW})
    void aCounterThatStandsStillEndsTheMeasurement(double from) {
        seeds().forEach(seed -> assertNoNumber(measured(seed, SensorFault.frozen(from)), "counter frozen"));
    }

    /** E-14. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aCounterThatStopsAndCatchesUpIsSeenInsideTheWindow(long seed) {
        double[] held = {0};
        EnergyMeasurement energy = measured(seed, (seconds, joules) -> {
            if (seconds < inFirstWindow(seed) || seconds > inFirstWindow(seed) + 2.5) {
                held[0] = joules;
            }
            return held[0];
        });

        assertNoNumber(energy, "counter frozen");
    }

    /** E-14. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aCounterThatBeginsAgainSpoilsItsTrialOnly(long seed) {
        assertOneTrialRejected(measured(seed, SensorFault.reset(inFirstWindow(seed))), "counter reset");
    }

    /** E-14. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aCounterThatBeginsAgainAndAgainHasNoNumber(long seed) {
        assertNoNumber(measured(seed, (seconds, joules) -> joules % 1000), "counter reset");
    }

    /** E-14. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aCounterThatIsZeroForMomentsHasNoNumber(long seed) {
        EnergyMeasurement energy = measured(seed, SensorFault.glitch(0.35, 0.1));

        assertThat(energy.joules()).isInstanceOf(Quantity.Missing.class);
        assertThat(reason(energy)).contains("counter glitch");
    }

    /** E-14. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aJumpThatTheDeviceCannotDrawSpoilsItsTrial(long seed) {
        assertOneTrialRejected(measured(seed, SensorFault.jump(inFirstWindow(seed), 1e6)), "counter jump");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aReadingThatIsNoNumberEndsTheMeasurement(long seed) {
        assertNoNumber(measured(seed, SensorFault.notANumber(inFirstWindow(seed))), "counter invalid");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aLostCounterEndsTheMeasurementWithItsReason(long seed) {
        EnergyMeasurement energy = measured(seed, SensorFault.lost(inFirstWindow(seed)));

        assertNoNumber(energy, "counter lost");
        assertThat(reason(energy)).contains("the simulated device is lost");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aLostPowerSensorCostsTheCrossCheckOnly(long seed) {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, seed);
        EnergySource source = bench.board.source(
                bench.board.counter(SensorModel.COUNTER, SensorFault.none()),
                bench.board.power(SensorModel.INSTANT, SensorFault.lost(inFirstWindow(seed))));

        EnergyMeasurement energy = bench.meter(source, STANDARD).measure(bench.load());

        assertThat(value(energy.joules())).isCloseTo(TRUTH, withPercentage(0.5));
        assertThat(energy.windows().get(5).integratedJoules())
                .isEqualTo(Quantity.unavailable("the simulated device is lost (SIMULATED)"));
    }

    /** E-18. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.037, 0.013})
    void aPulsedLoadHasNoNumber(double period) {
        seeds().forEach(seed -> assertNoNumber(pulsed(seed, period / 2, period / 2), "load gaps"));
    }

    private static EnergyMeasurement pulsed(long seed, double busy, double idle) {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, seed);
        return bench.meter(STANDARD).measure(bench.device.load(bench.device.kernel(0.001, 240), busy, idle));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aLoadThatLaunchesNothingHasNoNumber(long seed) {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, seed);

        assertNoNumber(bench.meter(STANDARD).measure(Load.idle(bench.board.hostTime())), "load gaps");
    }

    /** E-18. */
    @ParameterizedTest
    @MethodSource("seeds")
    void gapsBelowOnePercentAreHarmlessAndAboveAreNot(long seed) {
        assertThat(pulsed(seed, 0.02, 0.00018).joules()).isInstanceOf(Quantity.Known.class);
        assertNoNumber(pulsed(seed, 0.02, 0.00022), "load gaps");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aLoadThatWaitsWhileASlowCounterIsReadHasNoNumberAndWithAFastOneItHas(long seed) {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, seed);
        Load waiting = new SynchronousLoad(bench.device.kernel(0.002, 240), bench.board.hostTime(), 2);

        SensorModel slow = new SensorModel(0.1, 0.025, 0, 0, 1, 0, 0, t -> 1, 0.01, 0);
        assertNoNumber(bench.meter(slow, STANDARD).measure(waiting), "load gaps");

        SensorModel rapl = new SensorModel(0.001, 0.001, 0, 0, 1, 0, 0, t -> 1, 1e-5, 0);
        SensorCalibration known = new SensorCalibration(
                "SIMULATED", new SensorCalibration.Counter(0.001, 0, 1e-5, 200), CALIBRATION.power(), 60);
        EnergyMeasurement energy = bench.meter(bench.board.source(rapl, SensorModel.INSTANT), known, STANDARD)
                .measure(waiting);
        assertThat(value(energy.joules())).isCloseTo(TRUTH, withPercentage(0.5));
    }
}
