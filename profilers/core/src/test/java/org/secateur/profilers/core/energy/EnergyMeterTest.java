package org.secateur.profilers.core.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.secateur.profilers.core.energy.EnergyBench.CALIBRATION;
import static org.secateur.profilers.core.energy.EnergyBench.IDLE;
import static org.secateur.profilers.core.energy.EnergyBench.SECONDS;
import static org.secateur.profilers.core.energy.EnergyBench.STANDARD;
import static org.secateur.profilers.core.energy.EnergyBench.TRUTH;
import static org.secateur.profilers.core.energy.EnergyBench.WATTS;
import static org.secateur.profilers.core.energy.EnergyBench.value;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.profilers.core.Campaign;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SensorModel;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

/** The truth of a simulated board, recovered. The checks' numbers are those of the measuring procedure. */
class EnergyMeterTest {
    /** A kernel whose power ripples by a tenth, at a period that no sensor's is a multiple of. */
    private static final BoardModel RIPPLING =
            BoardModel.PLAIN.withActivity(t -> 1 + 0.1 * Math.sin(2 * Math.PI * t / 0.01373));

    private static final SensorModel NOISY = SensorModel.COUNTER.withNoise(0.01, t -> 1);

    @Test
    void withoutDisturbanceTheEnergyOfALaunchIsFound() {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 1);

        EnergyMeasurement energy = bench.meter(STANDARD).measure(bench.load());

        assertThat(value(energy.joules())).isCloseTo(TRUTH, withPercentage(0.1));
        assertThat(value(energy.netJoules())).isCloseTo(WATTS * SECONDS, withPercentage(0.15));
        assertThat(value(energy.watts())).isCloseTo(IDLE + WATTS, withPercentage(0.1));
        assertThat(value(energy.fit().slope())).isCloseTo(TRUTH, withPercentage(0.2));
        assertThat(energy.windows()).hasSize(STANDARD.trials());
        assertThat(energy.flags()).isEmpty();
        assertThat(energy.discarded()).isEmpty();
        assertThat(energy.ratio()).isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void windowsBeginAndEndOnTicksAndHaveThreeLengths() {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 2);

        EnergyMeasurement energy = bench.meter(STANDARD).measure(bench.load());

        assertThat(energy.windows()).allSatisfy(window -> {
            double ticks = window.seconds() / 0.1;
            assertThat(ticks).isCloseTo(Math.rint(ticks), within(0.15));
            assertThat(window.edgeSeconds()).isLessThan(0.01);
            assertThat(window.launches()).isCloseTo(window.seconds() / SECONDS, within(1e-3));
        });
        assertThat(energy.windows().stream().map(window -> Math.round(window.seconds() / 2.5)))
                .containsExactlyInAnyOrder(2L, 2L, 3L, 3L, 4L, 4L);
    }

    /** E-1. */
    @ParameterizedTest
    @CsvSource({"8, 0.992", "12, 0.961", "20, 0.959"})
    void underJitterDutyRippleAndNoiseTheIntervalHoldsTheTruthAsOftenAsItSays(int trials, double exact) {
        int runs = Campaign.size(100, 1000);
        int held = 0;
        int close = 0;
        int windows = 0;
        for (int seed = 0; seed < runs; seed++) {
            EnergyBench bench = new EnergyBench(RIPPLING, seed);
            EnergyMeasurement energy =
                    bench.meter(NOISY, STANDARD.withTrials(trials)).measure(bench.load());
            Estimate joules = energy.joules().estimate().orElseThrow();
            assertThat(joules.value()).as("seed %d", seed).isCloseTo(TRUTH, withPercentage(0.5));
            held += joules.low() <= TRUTH && TRUTH <= joules.high() ? 1 : 0;
            for (EnergyWindow window : energy.windows()) {
                windows++;
                close += Math.abs(window.joulesPerLaunch() / TRUTH - 1) <= 0.005 ? 1 : 0;
            }
        }
        assertThat(held).isGreaterThanOrEqualTo(Campaign.least(0.93, runs));
        assertThat((double) held / runs)
                .isCloseTo(exact, within(Campaign.ON ? 0.02 : 0.02 + 2 * Math.sqrt(exact * (1 - exact) / runs)));
        assertThat(close).isGreaterThan(windows * 95 / 100);
    }

    /** E-2. */
    @Test
    void anErrorOfGainShiftsTheJoulesAsPredictedAndCancelsInTheRatio() {
        for (int seed = 0; seed < Campaign.size(3, 300); seed++) {
            EnergyBench bench = new EnergyBench(BoardModel.PLAIN, seed);
            EnergySource source = bench.board.source(
                    SensorModel.COUNTER.withGain(0.954, -1.2), SensorModel.INSTANT.withGain(0.954, -1.2));

            EnergyMeasurement energy =
                    bench.meter(source, STANDARD).measure(bench.load(SECONDS, 80), bench.load(SECONDS, 160));

            // At 140 W: 0.954 - 1.2 / 140 = 1 - 5.46 %.
            assertThat(value(energy.joules()) / (140 * SECONDS) - 1)
                    .as("seed %d", seed)
                    .isCloseTo(-0.0546, within(0.002));
            assertThat(value(energy.ratio())).as("seed %d", seed).isCloseTo(140.0 / 220, withPercentage(0.5));
            assertThat(energy.flags()).isEmpty();
            assertThat(energy.references()).hasSize(STANDARD.trials());
        }
    }

    /** E-3. */
    @Test
    void theLagOfARunningMeanShowsAsAnInterceptUnlessThereIsALeadIn() {
        SensorModel lagging = SensorModel.COUNTER.withTiming(0.1, 1, 0);
        int runs = Campaign.size(20, 500);
        int without = 0;
        int with = 0;
        for (int seed = 0; seed < runs; seed++) {
            EnergyBench bench = new EnergyBench(BoardModel.PLAIN, seed);
            EnergyMeter hasty = bench.meter(lagging.withNoise(0.01, t -> 1), STANDARD.withLeadIn(0, 3));
            without += biased(hasty.measure(bench.load())) ? 1 : 0;
            EnergyBench other = new EnergyBench(BoardModel.PLAIN, seed);
            EnergyMeter patient = other.meter(lagging.withNoise(0.01, t -> 1), STANDARD);
            with += biased(patient.measure(other.load())) ? 1 : 0;
        }
        assertThat(without).isEqualTo(runs);
        assertThat(with).isLessThanOrEqualTo(runs / 20);
    }

    private static boolean biased(EnergyMeasurement energy) {
        boolean biased = energy.fit().isBiased(STANDARD.interceptShare());
        assertThat(energy.flags().contains(Flag.DISAGREE) || !biased).isTrue();
        return biased;
    }

    /** E-4. */
    @Test
    void twiceTheWorkTakesTwiceTheEnergyAndTime() {
        for (int seed = 0; seed < Campaign.size(10, 200); seed++) {
            EnergyBench bench = new EnergyBench(RIPPLING, seed);
            EnergyMeasurement energy = bench.meter(NOISY, STANDARD.withTrials(8))
                    .measure(bench.load(2 * SECONDS, WATTS), bench.load(SECONDS, WATTS));
            assertThat(value(energy.ratio())).as("seed %d", seed).isCloseTo(2, withPercentage(1));

            SimulatedDevice device = new SimulatedDevice(w -> 0, Disturbance.NONE.withNoise(0.005), seed);
            Sampler sampler = new Sampler(SamplerOptions.thorough(), device.surroundings(), Sampler.NO_ENERGY, seed);
            double twice =
                    value(sampler.time(device, () -> device.kernel(2 * SECONDS)).seconds());
            double once =
                    value(sampler.time(device, () -> device.kernel(SECONDS)).seconds());
            assertThat(twice / once).as("seed %d", seed).isCloseTo(2, withPercentage(0.5));
        }
    }

    /** E-19. */
    @Test
    void aSteppedWallClockChangesNothing() {
        Timing steady = time(0);
        Timing stepped = time(3600);

        assertThat(stepped.seconds()).isEqualTo(steady.seconds());
        assertThat(stepped.blocks()).isEqualTo(steady.blocks());
    }

    /** Seconds on a host whose wall clock steps forth and back by so much each time it is read. */
    private static Timing time(long step) {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 4);
        Surroundings real = bench.device.surroundings();
        long[] sign = {1};
        Surroundings stepping = new Surroundings(
                real.nanoTime(),
                () -> {
                    sign[0] = -sign[0];
                    return real.wallClock().instant().plusSeconds(sign[0] * step);
                },
                real.contention());
        return new Sampler(SamplerOptions.thorough(), stepping, Sampler.NO_ENERGY, 4)
                .time(bench.device, () -> bench.device.kernel(SECONDS));
    }

    /** E-19. */
    @Test
    void aDeviceClockThatRunsWrongByMoreThan200MillionthsIsFlagged() {
        for (int seed = 0; seed < Campaign.size(1, 50); seed++) {
            assertThat(measuredWithDeviceClock(190e-6, seed).flags()).isEmpty();
            assertThat(measuredWithDeviceClock(210e-6, seed).flags()).containsExactly(Flag.DISAGREE);
            assertThat(measuredWithDeviceClock(-210e-6, seed).flags()).containsExactly(Flag.DISAGREE);
        }
    }

    private static EnergyMeasurement measuredWithDeviceClock(double faster, long seed) {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN.withDeviceClock(faster), seed);
        return bench.meter(STANDARD.withTrials(9)).measure(bench.load());
    }

    /** E-20. */
    @Test
    void temperatureMovesTheJoulesButNotTheRatioToAReference() {
        for (int seed = 0; seed < Campaign.size(1, 100); seed++) {
            EnergyMeasurement cool = measuredAt(40, seed);
            EnergyMeasurement warm = measuredAt(65, seed);

            assertThat(value(warm.joules()) / value(cool.joules())).isGreaterThan(1.02);
            assertThat(value(warm.ratio())).as("seed %d", seed).isCloseTo(value(cool.ratio()), withPercentage(1));
            assertThat(cool.flags()).doesNotContain(Flag.ENERGY_UNSETTLED);
            assertThat(warm.flags()).doesNotContain(Flag.ENERGY_UNSETTLED);
            assertThat(cool.windows().get(0).before().temperatureCelsius().orElseThrow())
                    .isBetween(39.0, 55.0);
        }
    }

    private static EnergyMeasurement measuredAt(double celsius, long seed) {
        BoardModel leaking = BoardModel.PLAIN.withThermal(new BoardModel.Thermal(35, 25, 0.2, 30, 0.6));
        EnergyBench bench = new EnergyBench(leaking, seed);
        return bench.meter(STANDARD.startingAt(celsius)).measure(bench.load(), bench.load(0.003, 200));
    }

    @Test
    void aTemperatureOutOfReachIsFlagged() {
        BoardModel cold = BoardModel.PLAIN.withThermal(new BoardModel.Thermal(30, 25, 0.01, 30, 0));
        EnergyBench bench = new EnergyBench(cold, 7);

        assertThat(bench.meter(STANDARD.withTrials(6).startingAt(90))
                        .measure(bench.load())
                        .flags())
                .contains(Flag.ENERGY_UNSETTLED);
    }

    @Test
    void sensorsThatDifferByMoreThanThreePercentDisagree() {
        assertThat(measuredWithPowerGain(1.02).flags()).isEmpty();
        assertThat(measuredWithPowerGain(1.05).flags()).containsExactly(Flag.DISAGREE);
        assertThat(measuredWithPowerGain(0.95).flags()).containsExactly(Flag.DISAGREE);
    }

    private static EnergyMeasurement measuredWithPowerGain(double gain) {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 8);
        return bench.meter(bench.board.source(SensorModel.COUNTER, SensorModel.INSTANT.withGain(gain, 0)), STANDARD)
                .measure(bench.load());
    }

    @Test
    void aQuickMeasurementIsOneWindowWithoutAnInterval() {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 9);

        EnergyMeasurement energy = bench.meter(EnergyOptions.quick()).measure(bench.load());

        assertThat(value(energy.joules())).isCloseTo(TRUTH, withPercentage(0.5));
        assertThat(energy.flags()).containsExactly(Flag.ENERGY_WIDE);
        assertThat(energy.fit().slope()).isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void aLoadThatDrawsNothingHasNoNetEnergy() {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 10);
        SensorModel low = SensorModel.COUNTER.withGain(1, -1);

        EnergyMeasurement energy = bench.meter(low, STANDARD).measure(bench.load(SECONDS, 0));

        assertThat(energy.joules()).isInstanceOf(Quantity.Known.class);
        assertThat(energy.netJoules()).isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void theSameSeedGivesTheSameMeasurement() {
        assertThat(measuredWithSeed(11)).isEqualTo(measuredWithSeed(11));
        assertThat(measuredWithSeed(11)).isNotEqualTo(measuredWithSeed(12));
    }

    /** The same board each time, with a meter of its own seed. */
    private static EnergyMeasurement measuredWithSeed(long seed) {
        EnergyBench bench = new EnergyBench(RIPPLING, 11);
        EnergySource source = bench.board.source(NOISY, SensorModel.INSTANT);
        return new EnergyMeter(source, CALIBRATION, STANDARD, bench.board.hostTime(), seed).measure(bench.load());
    }

    @Test
    void anotherDevicesCalibrationIsRefused() {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 13);
        SensorCalibration foreign = new SensorCalibration("another", CALIBRATION.counter(), CALIBRATION.power(), IDLE);

        assertThatThrownBy(() ->
                        bench.meter(bench.board.source(SensorModel.COUNTER, SensorModel.INSTANT), foreign, STANDARD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another");
    }
}
