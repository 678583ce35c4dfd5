package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ProportionTest {
    @Test
    void theIntervalIsWilsons() {
        // Newcombe 1998, Statistics in Medicine 17, table I, method 3.
        Estimate some = Proportion.wilson(81, 263, 0.95);
        assertThat(some.low()).isCloseTo(0.2553, within(5e-5));
        assertThat(some.high()).isCloseTo(0.3662, within(5e-5));
        Estimate few = Proportion.wilson(15, 148, 0.95);
        assertThat(few.low()).isCloseTo(0.0624, within(5e-5));
        assertThat(few.high()).isCloseTo(0.1605, within(5e-5));
        Estimate none = Proportion.wilson(0, 20, 0.95);
        assertThat(none.low()).isZero();
        assertThat(none.high()).isCloseTo(0.1611, within(5e-5));
        assertThat(Proportion.wilson(20, 20, 0.95).high()).isEqualTo(1);
    }

    @Test
    void thePairedDifferenceIsAgrestiAndMins() {
        // By hand: cells 21 and 9 of 102, each with one half added:
        // d = (20.5 - 8.5 + 0) / 102 with b = 20.5, a = 8.5.
        Estimate difference = Proportion.pairedDifference(20, 8, 100, 0.95);
        double centre = 12.0 / 102;
        double half = 1.959964 * Math.sqrt(29.0 - 144.0 / 102) / 102;

        assertThat(difference.value()).isCloseTo(0.12, within(1e-12));
        assertThat(difference.low()).isCloseTo(centre - half, within(1e-6));
        assertThat(difference.high()).isCloseTo(centre + half, within(1e-6));
    }

    @Test
    void noDisagreementIsADifferenceOfZeroWithAnInterval() {
        Estimate difference = Proportion.pairedDifference(0, 0, 2000, 0.95);

        assertThat(difference.value()).isZero();
        assertThat(difference.low()).isNegative();
        assertThat(difference.high()).isPositive().isLessThan(0.002);
    }

    @Test
    void impossibleCountsAreRefused() {
        assertThatThrownBy(() -> Proportion.wilson(3, 2, 0.95)).hasMessageContaining("3 of 2");
        assertThatThrownBy(() -> Proportion.wilson(0, 0, 0.95)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Proportion.pairedDifference(6, 5, 10, 0.95))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
