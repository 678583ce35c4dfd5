package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HodgesLehmannTest {
    @Test
    void isTheMedianOfTheMeansOfAllPairs() {
        // Pairs of 1, 2, 6: 1, 1.5, 3.5, 2, 4, 6.
        assertThat(HodgesLehmann.of(new double[] {6, 1, 2})).isEqualTo(2.75);
        assertThat(HodgesLehmann.of(new double[] {5})).isEqualTo(5);
    }

    @Test
    void ofASymmetricSampleIsItsCentre() {
        assertThat(HodgesLehmann.of(new double[] {-3, -1, 0, 1, 3})).isZero();
    }

    /** Hollander, Wolfe and Chicken, table A.6: of 5 and 5, P(U <= 2) = 4/252. */
    @Test
    void theShiftOfFiveAndFiveLiesBetweenTheThirdDifferencesFromEitherEnd() {
        Estimate shift = HodgesLehmann.shift(new double[] {0, 1, 2, 3, 4}, new double[] {10, 20, 30, 40, 50}, 0.95);

        // The least differences are 6, 7, 8, the greatest 50, 49, 48; the middle one of 25 is 30 - 2.
        assertThat(shift.low()).isEqualTo(8);
        assertThat(shift.high()).isEqualTo(48);
        assertThat(shift.value()).isEqualTo(28);
        assertThat(shift.confidence()).isCloseTo(1 - 8.0 / 252, within(1e-12));
        assertThat(shift.blocks()).isEqualTo(10);
    }

    @Test
    void soFewThatNothingIsSureHaveTheFullRangeAndSaySo() {
        Estimate shift = HodgesLehmann.shift(new double[] {0, 1, 2}, new double[] {5, 6, 7}, 0.95);
        assertThat(shift.low()).isEqualTo(3);
        assertThat(shift.high()).isEqualTo(7);
        assertThat(shift.confidence()).isCloseTo(0.9, within(1e-12));
        assertThatThrownBy(() -> HodgesLehmann.shift(new double[0], new double[] {1}, 0.95))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mannAndWhitneysStatisticIsSymmetricAroundHalfOfItsRange() {
        double[] chances = HodgesLehmann.mannWhitney(4, 7);
        assertThat(chances).hasSize(29);
        assertThat(Arrays.stream(chances).sum()).isCloseTo(1, within(1e-12));
        for (int u = 0; u < chances.length; u++) {
            assertThat(chances[u]).isCloseTo(chances[28 - u], within(1e-12));
        }
        assertThat(chances[0]).isCloseTo(1.0 / 330, within(1e-12));
        assertThat(chances[3]).as("3, 2 + 1, 1 + 1 + 1").isCloseTo(3.0 / 330, within(1e-12));
    }

    @Test
    void theIntervalOfAShiftHoldsItAsOftenAsItSays() {
        Random random = new Random(1);
        int held = 0;
        for (int i = 0; i < 2000; i++) {
            double[] before = random.doubles(7).toArray();
            double[] after = random.doubles(12).map(x -> x + 3).toArray();
            Estimate shift = HodgesLehmann.shift(before, after, 0.95);
            assertThat(shift.confidence()).isBetween(0.95, 0.96);
            held += shift.low() <= 3 && 3 <= shift.high() ? 1 : 0;
        }
        // 0.953 are expected, but for three standard deviations of 9.
        assertThat(held).isBetween(1877, 1935);
    }
}
