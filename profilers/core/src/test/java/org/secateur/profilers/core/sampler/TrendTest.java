package org.secateur.profilers.core.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TrendTest {
    @Test
    void probabilitiesAreThoseOfTheExactDistributionForFive() {
        // 120 orders: 1, 4, 9, 15, 20, 22, 20, 15, 9, 4, 1 of them with 0 to 10 inversions.
        assertThat(Trend.pValue(new double[] {1, 2, 3, 4, 5})).isCloseTo(2 / 120.0, within(1e-12));
        assertThat(Trend.pValue(new double[] {5, 4, 3, 2, 1})).isCloseTo(2 / 120.0, within(1e-12));
        assertThat(Trend.pValue(new double[] {2, 1, 3, 4, 5})).isCloseTo(10 / 120.0, within(1e-12));
        assertThat(Trend.pValue(new double[] {3, 1, 5, 2, 4})).isCloseTo((120 - 22) / 120.0, within(1e-12));
    }

    @Test
    void aConstantSeriesHasNoTrend() {
        assertThat(Trend.pValue(new double[] {7, 7, 7, 7, 7})).isCloseTo(1, within(1e-12));
    }
}
