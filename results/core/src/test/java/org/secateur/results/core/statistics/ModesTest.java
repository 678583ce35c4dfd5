package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModesTest {
    /** Every {@code period}-th value is slower by a factor. */
    private static double[] times(int n, int period, double factor, double noise, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] times = new double[n];
        for (int i = 0; i < n; i++) {
            times[i] = 1e-3 * (i % period == 0 ? factor : 1) * Math.exp(noise * random.nextGaussian());
        }
        return times;
    }

    @ParameterizedTest
    @CsvSource({"8, 2, 1.05", "20, 2, 1.05", "40, 10, 1.10", "60, 3, 1.32"})
    void twoClockStatesAreFoundWithTheirShares(int n, int period, double factor) {
        int found = 0;
        for (int seed = 0; seed < 200; seed++) {
            Optional<Modes> modes = Modes.of(times(n, period, factor, 0.004, seed));
            if (modes.isPresent()) {
                found++;
                assertThat(modes.get().fast()).isCloseTo(1e-3, within(1.5e-5));
                assertThat(modes.get().slow()).isCloseTo(1e-3 * factor, within(2e-5));
                assertThat(modes.get().slowShare()).isCloseTo(Math.ceil((double) n / period) / n, within(1e-9));
            }
        }
        assertThat(found).isGreaterThanOrEqualTo(190);
    }

    @ParameterizedTest
    @CsvSource({"8, 0.01", "8, 0.05", "20, 0.05", "100, 0.10"})
    void oneNoisyModeIsSeldomTakenForTwo(int n, double noise) {
        int found = 0;
        for (int seed = 0; seed < 500; seed++) {
            found += Modes.of(times(n, 1, 1, noise, seed)).isPresent() ? 1 : 0;
        }
        assertThat(found).isLessThanOrEqualTo(15);
    }

    @Test
    void aStepBelowThreePercentIsNotASecondMode() {
        assertThat(Modes.of(times(40, 2, 1.02, 0.001, 1))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aFewStragglersAreNotASecondMode(int stragglers) {
        double[] times = times(30, 1, 1, 0.002, 2);
        for (int i = 0; i < stragglers; i++) {
            times[i] = 2e-3;
        }
        assertThat(Modes.of(times)).isEmpty();
    }

    @Test
    void fewerThanTenPercentAreNotASecondMode() {
        assertThat(Modes.of(times(100, 11, 1.2, 0.002, 3))).isPresent();
        assertThat(Modes.of(times(100, 12, 1.2, 0.002, 3))).isEmpty();
    }

    @Test
    void thereIsNoneInNothing() {
        assertThat(Modes.of(new double[0])).isEmpty();
        assertThat(Modes.of(new double[] {1, 2})).isEmpty();
    }

    @Test
    void theReasonNamesBoth() {
        assertThat(new Modes(1e-3, 1.1e-3, 0.4).reason())
                .isEqualTo("two modes, 0.001000 s and, in 40 % of the blocks, 0.001100 s: one number would describe"
                        + " neither");
    }
}
