package org.secateur.profilers.core.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.host.Contention;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Quantity;

class NoiseCheckTest {
    private static NoiseReport check(Disturbance disturbance) {
        SimulatedDevice device = new SimulatedDevice(w -> 1, disturbance, 1);
        try (Kernel kernel = device.kernel(100e-6)) {
            return new NoiseCheck(device.surroundings(), NoiseLimits.DEFAULT, kernel::launch).check(10);
        }
    }

    private static double value(Quantity quantity) {
        return quantity.estimate().orElseThrow().value();
    }

    @Test
    void aQuietMachineIsGoodWithoutReasons() {
        NoiseReport report = check(Disturbance.NONE.withNoise(0.02));

        assertThat(report.verdict()).isEqualTo(Fitness.GOOD);
        assertThat(report.reasons()).isEmpty();
        assertThat(report.seconds()).isBetween(10.0, 10.1);
        assertThat(report.spread()).isBetween(0.001, 0.05);
    }

    @Test
    void blocksThatSpreadTakeCareOrAreUnfit() {
        assertThat(check(wave(0.1)).verdict()).isEqualTo(Fitness.CARE);
        assertThat(check(wave(0.1)).reasons()).singleElement().asString().contains("spread");
        assertThat(check(wave(0.5)).verdict()).isEqualTo(Fitness.UNFIT);
    }

    private static Disturbance wave(double height) {
        DoubleUnaryOperator drift = t -> 1 + height * Math.abs(Math.sin(t));
        return Disturbance.NONE.withDrift(drift);
    }

    @Test
    void stolenTimeIsMeasuredAndNamed() {
        NoiseReport report = check(Disturbance.NONE.withSteal(t -> 0.1));

        assertThat(value(report.stealFraction())).isCloseTo(0.1, within(0.002));
        assertThat(report.verdict()).isEqualTo(Fitness.UNFIT);
        assertThat(report.reasons()).singleElement().asString().startsWith("the hypervisor took 10.0 %");
    }

    @Test
    void theWorkOfOthersIsForeignAndOurOwnIsNot() {
        SimulatedDevice device = new SimulatedDevice(w -> 1, Disturbance.NONE, 1);
        Surroundings shared = new Surroundings(
                device.surroundings().nanoTime(),
                device.surroundings().wallClock(),
                // This process keeps one of two processors busy, others a fifth of the second one.
                () -> Optional.of(new Contention(0, 1.2 * device.now(), device.now(), 0, 2)));

        NoiseReport report;
        try (Kernel kernel = device.kernel(100e-6)) {
            report = new NoiseCheck(shared, NoiseLimits.DEFAULT, kernel::launch).check(1);
        }

        assertThat(value(report.foreignLoad())).isCloseTo(0.1, within(0.001));
        assertThat(report.verdict()).isEqualTo(Fitness.CARE);
    }

    @Test
    void withoutCountersTheShareIsUnavailableAndTheVerdictCareful() {
        SimulatedDevice device = new SimulatedDevice(w -> 1, Disturbance.NONE, 1);
        Surroundings blind = new Surroundings(
                device.surroundings().nanoTime(), device.surroundings().wallClock(), Optional::empty);

        NoiseReport report;
        try (Kernel kernel = device.kernel(100e-6)) {
            report = new NoiseCheck(blind, NoiseLimits.DEFAULT, kernel::launch).check(1);
        }

        assertThat(report.stealFraction()).isInstanceOf(Quantity.Missing.class);
        assertThat(report.verdict()).isEqualTo(Fitness.CARE);
        assertThat(report.reasons()).hasSize(1);
    }

    @Test
    void theRealWorkIsMeasuredOnTheRealHost() {
        NoiseReport report = new NoiseCheck(Surroundings.host(), NoiseLimits.DEFAULT).check(0.1);

        assertThat(report.seconds()).isBetween(0.1, 10.0);
        assertThat(report.spread()).isNotNegative();
    }

    @Test
    void aCheckOfNoTimeIsRefused() {
        assertThatThrownBy(() -> check(Disturbance.NONE, 0)).hasMessageContaining("0.0 s");
    }

    private static NoiseReport check(Disturbance disturbance, double seconds) {
        SimulatedDevice device = new SimulatedDevice(w -> 1, disturbance, 1);
        return new NoiseCheck(device.surroundings(), NoiseLimits.DEFAULT).check(seconds);
    }
}
