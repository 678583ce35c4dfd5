package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FalseDiscoveryTest {
    @Test
    void theExampleOfThePaper() {
        // Benjamini and Hochberg 1995, section 4: of 15 p-values the four smallest are rejected at 0.05.
        double[] p = {
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0000
        };
        double[] adjusted = FalseDiscovery.adjusted(p);

        assertThat(Arrays.stream(adjusted).filter(a -> a <= 0.05).count()).isEqualTo(4);
        assertThat(adjusted[3]).isCloseTo(0.0095 * 15 / 4, within(1e-12));
        assertThat(adjusted[14]).isEqualTo(1);
    }

    @Test
    void theOrderDoesNotMatterAndAdjustedValuesKeepIt() {
        double[] adjusted = FalseDiscovery.adjusted(new double[] {0.9, 0.01, 0.5, 0.02});

        assertThat(adjusted).containsExactly(new double[] {0.9, 0.04, 2.0 / 3, 0.04}, within(1e-12));
        assertThat(FalseDiscovery.adjusted(new double[0])).isEmpty();
    }

    @Test
    void whereNothingDiffersFewRunsDiscoverAnything() {
        SplittableRandom random = new SplittableRandom(5);
        int runs = 2000;
        int discovering = 0;
        for (int run = 0; run < runs; run++) {
            double[] p = random.doubles(20).toArray();
            discovering += Arrays.stream(FalseDiscovery.adjusted(p)).anyMatch(a -> a <= 0.05) ? 1 : 0;
        }
        // Exactly 5 % for independent tests (Simes); three standard deviations are 1.5 points.
        assertThat((double) discovering / runs).isCloseTo(0.05, within(0.015));
    }

    @Test
    void whatIsNoProbabilityIsRefused() {
        assertThatThrownBy(() -> FalseDiscovery.adjusted(new double[] {0.5, Double.NaN}))
                .hasMessageContaining("NaN");
    }
}
