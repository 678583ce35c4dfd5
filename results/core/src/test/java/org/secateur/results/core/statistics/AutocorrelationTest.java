package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AutocorrelationTest {
    private static double[] series(double rho, int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] series = new double[n];
        double last = random.nextGaussian();
        for (int i = 0; i < n; i++) {
            series[i] = 100 + last;
            last = rho * last + Math.sqrt(1 - rho * rho) * random.nextGaussian();
        }
        return series;
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.5, 0, 0.3, 0.7})
    void theCoefficientOfALongSeriesIsFound(double rho) {
        // The standard error at 10,000 values is at most 0.01.
        assertThat(Autocorrelation.lag1(series(rho, 10_000, 1))).isCloseTo(rho, within(0.03));
    }

    @Test
    void byHand() {
        // Deviations -1.5, -0.5, 0.5, 1.5: products 0.75, -0.25, 0.75 over squares 5.
        assertThat(Autocorrelation.lag1(new double[] {1, 2, 3, 4})).isCloseTo(0.25, within(1e-12));
    }

    @Test
    void aConstantOrAShortSeriesHasNone() {
        assertThat(Autocorrelation.lag1(new double[] {0.1, 0.1, Math.nextUp(0.1), 0.1}))
                .isZero();
        assertThat(Autocorrelation.lag1(new double[] {1, 2})).isZero();
        assertThat(Autocorrelation.lag1(new double[0])).isZero();
    }

    @Test
    void theMeanOfADependentSeriesIsAsPreciseAsTheEffectiveCountSays() {
        double rho = 0.6;
        int n = 200;
        int runs = 2000;
        double squares = 0;
        for (int seed = 0; seed < runs; seed++) {
            double mean = 0;
            for (double value : series(rho, n, seed)) {
                mean += (value - 100) / n;
            }
            squares += mean * mean;
        }
        // A variance from 2,000 runs is known to 3 %; 10 % are three standard deviations.
        assertThat(runs / squares / Autocorrelation.effectiveCount(n, rho)).isCloseTo(1, within(0.1));
    }

    @Test
    void negativeDependenceCountsAsNone() {
        assertThat(Autocorrelation.effectiveCount(12, -0.4)).isEqualTo(12);
        assertThat(Autocorrelation.effectiveCount(12, 1)).isPositive();
    }
}
