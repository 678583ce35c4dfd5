package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private static double mean(double[] samples) {
        return Arrays.stream(samples).average().orElseThrow();
    }

    private static double[] normal(int n, SplittableRandom random) {
        double[] samples = new double[n];
        Arrays.setAll(samples, i -> 10 + random.nextGaussian());
        return samples;
    }

    @Test
    void ofAMeanItIsNearlyTheNormalInterval() {
        double[] samples = normal(200, new SplittableRandom(1));

        Estimate bca = Bootstrap.bca(samples, BootstrapTest::mean, 0.95, 2);

        assertThat(bca.value()).isEqualTo(mean(samples));
        double expected = 1.96 / Math.sqrt(200);
        assertThat(bca.high() - bca.value()).isCloseTo(expected, within(0.25 * expected));
        assertThat(bca.value() - bca.low()).isCloseTo(expected, within(0.25 * expected));
    }

    @Test
    void itCoversTheMedianAboutAsOftenAsItSays() {
        SplittableRandom random = new SplittableRandom(3);
        int held = 0;
        for (int i = 0; i < 200; i++) {
            Estimate bca = Bootstrap.bca(normal(20, random), OrderStatistics::median, 0.95, i);
            held += bca.low() <= 10 && 10 <= bca.high() ? 1 : 0;
        }
        // Bootstraps of a median of few samples cover 91 to 95 %: three standard deviations below that.
        assertThat(held).isGreaterThanOrEqualTo(170);
    }

    @Test
    void followsTheSkewOfItsSamples() {
        double[] skewed =
                new SplittableRandom(4).doubles(40).map(u -> -Math.log1p(-u)).toArray();

        Estimate bca = Bootstrap.bca(skewed, BootstrapTest::mean, 0.95, 5);

        assertThat(bca.high() - bca.value()).isGreaterThan(bca.value() - bca.low());
    }

    @Test
    void equalSamplesHaveNoWidth() {
        Estimate bca = Bootstrap.bca(new double[] {2, 2, 2}, OrderStatistics::median, 0.95, 6);

        assertThat(bca.low()).isEqualTo(2);
        assertThat(bca.high()).isEqualTo(2);
    }

    @Test
    void oneSampleIsTooFew() {
        assertThatThrownBy(() -> Bootstrap.bca(new double[] {1}, OrderStatistics::median, 0.95, 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 2");
    }
}
