package org.secateur.profilers.core.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.secateur.profilers.core.energy.EnergyBench.CALIBRATION;
import static org.secateur.profilers.core.energy.EnergyBench.IDLE;
import static org.secateur.profilers.core.energy.EnergyBench.STANDARD;
import static org.secateur.profilers.core.energy.EnergyBench.TRUTH;
import static org.secateur.profilers.core.energy.EnergyBench.value;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.profilers.core.Campaign;
import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.SensorFault;
import org.secateur.profilers.core.simulation.SensorModel;
import org.secateur.results.core.SecateurException;

class SensorCalibratorTest {
    private static SensorCalibration calibrate(EnergyBench bench, EnergySource source) {
        Load fine = bench.device.load(bench.device.kernel(0.001, 240), 0.001, 0);
        return new SensorCalibrator(source, STANDARD, bench.board.hostTime()).calibrate(fine);
    }

    private static SensorCalibration calibrate(SensorModel counter, SensorModel power, long seed) {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, seed);
        return calibrate(bench, bench.board.source(counter, power));
    }

    private static SensorCalibration.Power power(SensorCalibration calibration) {
        return Objects.requireNonNull(calibration.power());
    }

    @Test
    void theCountersTickJitterAndCallAreFound() {
        for (int seed = 0; seed < Campaign.size(3, 100); seed++) {
            SensorCalibration found = calibrate(SensorModel.COUNTER, SensorModel.INSTANT, seed);

            assertThat(found.counter().tickSeconds()).isCloseTo(0.1, withPercentage(1));
            assertThat(found.counter().jitterSeconds()).isLessThan(0.005);
            assertThat(found.counter().callSeconds()).isCloseTo(0.0024, within(1e-6));
            assertThat(found.idleWatts()).isCloseTo(IDLE, withPercentage(1));
        }
    }

    /** By the simulated board's clock. */
    @Test
    void itTakesLessThanThreeQuartersOfAMinute() {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 8);
        double start = bench.board.hostTime().seconds();
        calibrate(bench, bench.board.source(SensorModel.COUNTER, SensorModel.INSTANT));
        assertThat(bench.board.hostTime().seconds() - start).isBetween(30.0, 45.0);
    }

    @Test
    void aCounterOfOneMillisecondAndOneOfASecondAreMeasuredToo() {
        SensorModel rapl = new SensorModel(0.001, 0.001, 0, 0, 1, 0, 0, t -> 1, 1e-5, 0);
        SensorModel slow = SensorModel.COUNTER.withTiming(1, 0.025, 0);

        assertThat(calibrate(rapl, SensorModel.INSTANT, 1).counter().tickSeconds())
                .isCloseTo(0.001, withPercentage(2));
        assertThat(calibrate(slow, SensorModel.INSTANT, 1).counter().tickSeconds())
                .isCloseTo(1, withPercentage(1));
    }

    @Test
    void aJitteringCounterIsKnownByIt() {
        SensorCalibration steady = calibrate(SensorModel.COUNTER.withJitter(0), SensorModel.INSTANT, 2);
        SensorCalibration jittering = calibrate(SensorModel.COUNTER.withJitter(0.02), SensorModel.INSTANT, 2);

        assertThat(jittering.counter().jitterSeconds())
                .isGreaterThan(2 * steady.counter().jitterSeconds());
        assertThat(jittering.counter().tickSeconds()).isCloseTo(0.1, withPercentage(2));
    }

    /** The aliasing scan: how much of the time the sensor sees. */
    @ParameterizedTest
    @CsvSource({"0.1, 0.025, 0", "0.1, 0.025, 0.03", "0.1, 0.05, 0.01", "0.1, 0.1, 0", "0.02, 0.0108, 0"})
    void theWindowAndDelayOfAPowerSensorAreFound(double update, double window, double delay) {
        SensorModel sensor =
                SensorModel.INSTANT.withTiming(update, window, delay).withNoise(0.005, t -> 1);
        for (int seed = 0; seed < Campaign.size(2, 50); seed++) {
            SensorCalibration.Power found = power(calibrate(SensorModel.COUNTER, sensor, seed));

            assertThat(found.updateSeconds()).as("update, seed %d", seed).isCloseTo(update, withPercentage(2));
            assertThat(found.windowSeconds()).as("window, seed %d", seed).isCloseTo(window, within(0.003));
            assertThat(found.delaySeconds()).as("delay, seed %d", seed).isCloseTo(delay, within(0.003));
            assertThat(found.duty()).isCloseTo(window / update, within(0.15));
        }
    }

    @Test
    void aRunningMeanIsKnownByItsRise() {
        SensorCalibration.Power found = power(calibrate(SensorModel.COUNTER, SensorModel.AVERAGE, 3));

        assertThat(found.riseSeconds()).isBetween(0.7, 0.92);
        assertThat(found.windowSeconds()).isCloseTo(1, withPercentage(15));
        assertThat(found.duty()).isEqualTo(1);
    }

    /** E-17. */
    @Test
    void aCounterThatReadingDisturbsIsReadMoreSlowly() {
        for (int seed = 0; seed < Campaign.size(1, 50); seed++) {
            assertThat(calibrate(SensorModel.COUNTER, SensorModel.INSTANT, seed)
                            .counter()
                            .safeReadHertz())
                    .as("seed %d", seed)
                    .isGreaterThan(200);
            EnergyBench bench = new EnergyBench(BoardModel.PLAIN, seed);
            EnergySource source = bench.board.source(SensorModel.COUNTER.withLossPerRead(0.01), SensorModel.INSTANT);

            SensorCalibration found = calibrate(bench, source);

            assertThat(found.counter().safeReadHertz()).as("seed %d", seed).isEqualTo(10);
            EnergyMeasurement energy = bench.meter(source, found, STANDARD).measure(bench.load());
            assertThat(value(energy.joules())).as("seed %d", seed).isCloseTo(TRUTH, withPercentage(1));
            assertThat(energy.windows())
                    .allSatisfy(window -> assertThat(window.seconds()).isGreaterThan(19));
        }
    }

    @Test
    void aMeterThatIsCalibratedHereRecoversTheTruth() {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 5);
        EnergySource source = bench.board.source(SensorModel.COUNTER, SensorModel.INSTANT);

        EnergyMeasurement energy =
                bench.meter(source, calibrate(bench, source), STANDARD).measure(bench.load());

        assertThat(value(energy.joules())).isCloseTo(TRUTH, withPercentage(0.5));
        assertThat(energy.flags()).isEmpty();
    }

    @Test
    void faultsOfTheCounterAreNamed() {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 6);

        assertThatThrownBy(() -> calibrate(bench, faulty(bench, SensorFault.frozen(0))))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("counter frozen");
        assertThatThrownBy(() -> calibrate(bench, faulty(bench, SensorFault.notANumber(0))))
                .hasMessageContaining("counter invalid");
        assertThatThrownBy(() -> calibrate(bench, faulty(bench, SensorFault.lost(0))))
                .hasMessageContaining("is lost");
    }

    private static EnergySource faulty(EnergyBench bench, SensorFault fault) {
        return bench.board.source(
                bench.board.counter(SensorModel.COUNTER, fault),
                bench.board.power(SensorModel.INSTANT, SensorFault.none()));
    }

    @Test
    void aPowerSensorThatDoesNotSeeTheLoadIsAnError() {
        EnergyBench bench = new EnergyBench(BoardModel.PLAIN, 7);
        EnergySource source = bench.board.source(
                bench.board.counter(SensorModel.COUNTER, SensorFault.none()),
                bench.board.power(SensorModel.INSTANT, (seconds, watts) -> 60));

        assertThatThrownBy(() -> calibrate(bench, source)).hasMessageContaining("shows 60.0 W under load");
    }

    @Test
    void aCalibrationIsReadBackAsItWasStored() {
        SensorCalibration alone = new SensorCalibration("x", CALIBRATION.counter(), null, 55);

        assertThat(SensorCalibration.of("SIMULATED", CALIBRATION.readings())).isEqualTo(CALIBRATION);
        assertThat(SensorCalibration.of("x", alone.readings())).isEqualTo(alone);
        assertThat(CALIBRATION.readings()).hasSize(10);
        assertThatThrownBy(() -> SensorCalibration.of("x", Map.of("idleWatts", 1.0)))
                .hasMessageContaining("counterTickSeconds");
    }
}
