package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.statistics.ChangePoints.Change;

/** Check E-11 of the measuring rules: noise 0.5 %, differences from 1 % on count. In a campaign there are many more series. */
class ChangePointsTest {
    private static final int TIMES = Boolean.getBoolean("secateur.campaign") ? 20 : 1;
    private static final double NOISE = 0.005;
    private static final double DELTA = 0.01;

    private static double[] noise(int points, long seed) {
        Random random = new Random(seed);
        return DoubleStream.generate(() -> NOISE * random.nextGaussian())
                .limit(points)
                .toArray();
    }

    private static double[] shifted(double[] series, int from, double by) {
        for (int i = from; i < series.length; i++) {
            series[i] += by;
        }
        return series;
    }

    /** In a campaign by chance one in fifty may be found further off, and as many have a second change. */
    @Test
    void aShiftOfTwoPercentIsFoundWithinTwoPoints() {
        int series = 50 * TIMES;
        int found = 0;
        int alone = 0;
        for (int seed = 0; seed < series; seed++) {
            int at = 5 + seed % 30;
            List<Change> changes = ChangePoints.of(shifted(noise(40, seed), at, 0.02), DELTA, 1);
            found += changes.stream().anyMatch(c -> Math.abs(c.at() - at) <= 2 && c.pValue() <= 0.01) ? 1 : 0;
            if (changes.size() == 1) {
                alone++;
                // Medians of five points scatter by 0.3 %.
                assertThat(changes.getFirst().after() - changes.getFirst().before())
                        .as("seed %d", seed)
                        .isCloseTo(0.02, within(TIMES == 1 ? 0.006 : 0.012));
            }
        }
        assertThat(found).isGreaterThanOrEqualTo(TIMES == 1 ? series : series * 98 / 100);
        assertThat(alone).isGreaterThanOrEqualTo(TIMES == 1 ? series : series * 98 / 100);
    }

    @Test
    void ofAHundredSeriesWithoutAChangeAtMostOneHasOne() {
        int byPermutations = 0;
        int alarms = 0;
        for (int seed = 0; seed < 100 * TIMES; seed++) {
            double[] series = noise(50, 1000 + seed);
            byPermutations += ChangePoints.of(series, 0, 1).isEmpty() ? 0 : 1;
            alarms += ChangePoints.of(series, DELTA, 1).isEmpty() ? 0 : 1;
        }
        assertThat(alarms).isLessThanOrEqualTo(TIMES);
        // 1 %, and three standard deviations.
        assertThat(byPermutations).as("whatever their size").isLessThanOrEqualTo((int) (TIMES + 3 * Math.sqrt(TIMES)));
    }

    @Test
    void oneOutlierIsNoChange() {
        for (int seed = 0; seed < 40 * TIMES; seed++) {
            double[] series = noise(40, 2000 + seed);
            series[seed % 40] += 0.5;
            assertThat(ChangePoints.of(series, DELTA, 1)).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void thereAndBackAreTwoChanges() {
        double[] series = shifted(shifted(noise(160, 7), 90, 0.04), 130, -0.04);
        List<Change> changes = ChangePoints.of(series, DELTA, 1);
        assertThat(changes).hasSize(2);
        assertThat(changes.get(0).at()).isBetween(88, 92);
        assertThat(changes.get(1).at()).isBetween(128, 132);
        assertThat(changes.get(0).after()).isEqualTo(changes.get(1).before()).isCloseTo(0.04, within(0.005));
        assertThat(changes.get(1).after()).isCloseTo(0, within(0.005));
        assertThat(ChangePoints.of(series, DELTA, 1)).isEqualTo(changes);
    }

    @Test
    void tooFewOrEqualPointsHaveNone() {
        assertThat(ChangePoints.of(new double[0], 0, 1)).isEmpty();
        assertThat(ChangePoints.of(new double[] {1, 1, 1, 1, 2, 2, 2, 2, 2}, 0, 1))
                .isEmpty();
        assertThat(ChangePoints.of(new double[60], 0, 1)).isEmpty();
        double[] two = new double[20];
        Arrays.fill(two, 10, 20, 1);
        assertThat(ChangePoints.of(two, 0.5, 1))
                .singleElement()
                .extracting(Change::at)
                .isEqualTo(10);
        assertThatThrownBy(() -> ChangePoints.of(new double[] {1, Double.NaN}, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChangePoints.of(two, -1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChangePoints.of(two, 0, 98, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("98");
    }

    /** Among many series a p-value has to be below a thousandth. */
    @Test
    void morePermutationsTellSmallerPValues() {
        double[] series = shifted(noise(30, 3), 15, 0.05);
        assertThat(ChangePoints.of(series, DELTA, 1).getFirst().pValue()).isEqualTo(1e-3);
        assertThat(ChangePoints.of(series, DELTA, 9_999, 1).getFirst().pValue()).isEqualTo(1e-4);
    }
}
