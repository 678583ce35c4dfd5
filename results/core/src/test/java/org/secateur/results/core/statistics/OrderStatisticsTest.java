package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderStatisticsTest {
    @ParameterizedTest
    @CsvSource({"5, 1, 0.9375", "6, 1, 0.96875", "8, 1, 0.9921875", "12, 3, 0.96142578", "20, 6, 0.95861053"})
    void ranksAndCoverageAreThoseOfTheBinomialTable(int n, int rank, double coverage) {
        assertThat(OrderStatistics.lowerRank(n, 0.95)).isEqualTo(rank);
        assertThat(OrderStatistics.coverage(n, rank)).isCloseTo(coverage, within(1e-8));
    }

    @Test
    void twelveSamplesUseTheThirdAndTheTenth() {
        double[] samples = {12, 3, 5, 1, 7, 9, 11, 2, 4, 8, 6, 10};

        Estimate median = OrderStatistics.median(samples, 0.95);

        assertThat(median.value()).isEqualTo(6.5);
        assertThat(median.low()).isEqualTo(3);
        assertThat(median.high()).isEqualTo(10);
        assertThat(median.blocks()).isEqualTo(12);
        assertThat(samples[0]).as("the argument is untouched").isEqualTo(12);
    }

    @Test
    void tooFewSamplesGiveTheFullRangeWithItsOwnConfidence() {
        Estimate median = OrderStatistics.median(new double[] {1, 2, 3, 4}, 0.95);

        assertThat(median.low()).isEqualTo(1);
        assertThat(median.high()).isEqualTo(4);
        assertThat(median.confidence()).isCloseTo(0.875, within(1e-12));
        assertThat(OrderStatistics.median(new double[] {7}, 0.95)).isEqualTo(Estimate.exact(7));
    }

    @Test
    void noSampleHasNoMedian() {
        assertThatThrownBy(() -> OrderStatistics.median(new double[0], 0.95))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OrderStatistics.median(new double[] {1, Double.NaN}, 0.95))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsOnlyKnownToBeGreaterLowersTheConfidence() {
        Estimate median = OrderStatistics.median(new double[] {3, 1, 2, 5, 4, 6}, 2, 0.95);
        assertThat(median.value()).isEqualTo(4.5);
        assertThat(median.low()).isEqualTo(1);
        assertThat(median.high()).isEqualTo(6);
        assertThat(median.blocks()).isEqualTo(8);
        // P(1 <= Binomial(8, 1/2) < 6)
        assertThat(median.confidence()).isCloseTo(218.0 / 256, within(1e-12));
        assertThat(OrderStatistics.median(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 0.95))
                .isEqualTo(OrderStatistics.median(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 0.95));
        assertThatThrownBy(() -> OrderStatistics.median(new double[] {1, 2}, 2, 0.95))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than half");
    }

    /** Of 12 samples the four greatest are never seen; the interval still holds the median as often as it says. */
    @Test
    void aCutIntervalHoldsTheMedianAsOftenAsItSays() {
        SplittableRandom random = new SplittableRandom(11);
        int held = 0;
        int runs = 5000;
        double stated = 0;
        for (int run = 0; run < runs; run++) {
            double[] samples = random.doubles(12).sorted().limit(8).toArray();
            Estimate median = OrderStatistics.median(samples, 4, 0.95);
            stated = median.confidence();
            if (median.low() <= 0.5 && 0.5 <= median.high()) {
                held++;
            }
        }
        // P(3 <= Binomial(12, 1/2) < 8)
        assertThat(stated).isCloseTo(0.787, within(1e-3));
        // Four standard deviations of a proportion of 5,000 at 79 % are 2.3 points.
        assertThat((double) held / runs).isCloseTo(stated, within(0.023));
    }

    @ParameterizedTest
    @CsvSource({"8, 0.9921875", "12, 0.96142578", "20, 0.95861053"})
    void underHeavyTailsTheIntervalHoldsTheMedianAsOftenAsItSays(int n, double coverage) {
        SplittableRandom random = new SplittableRandom(7);
        int held = 0;
        int runs = 5000;
        for (int run = 0; run < runs; run++) {
            double[] samples = new double[n];
            for (int i = 0; i < n; i++) {
                samples[i] = 10 + studentT3(random);
            }
            Estimate median = OrderStatistics.median(samples, 0.95);
            if (median.low() <= 10 && 10 <= median.high()) {
                held++;
            }
        }
        // Four standard deviations of a proportion of 5,000 at 96 % are 1.1 points.
        assertThat((double) held / runs).isCloseTo(coverage, within(0.011));
    }

    private static double studentT3(SplittableRandom random) {
        double chiSquared = 0;
        for (int i = 0; i < 3; i++) {
            double z = random.nextGaussian();
            chiSquared += z * z;
        }
        return random.nextGaussian() / Math.sqrt(chiSquared / 3);
    }
}
