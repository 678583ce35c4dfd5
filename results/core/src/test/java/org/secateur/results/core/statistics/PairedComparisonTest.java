package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairedComparisonTest {
    private static final double DELTA = 0.01;

    /** Twenty pairs with noise in each block, and a drift of 20 % over the series that hits both sides of a pair. */
    private static PairedComparison compare(double factor, double noise, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] baseline = new double[20];
        double[] candidate = new double[20];
        for (int i = 0; i < 20; i++) {
            double drift = 1 + 0.01 * i;
            baseline[i] = drift * Math.exp(noise * random.nextGaussian());
            candidate[i] = factor * drift * Math.exp(noise * random.nextGaussian());
        }
        return PairedComparison.of(baseline, candidate, DELTA, 0.95);
    }

    private static long count(double factor, double noise, Verdict verdict) {
        long found = 0;
        for (int seed = 0; seed < 500; seed++) {
            found += compare(factor, noise, seed).verdict() == verdict ? 1 : 0;
        }
        return found;
    }

    @Test
    void aPlantedChangeOfThreePercentIsFoundUnderDrift() {
        assertThat(count(1.03, 0.01, Verdict.SLOWER)).isGreaterThanOrEqualTo(495);
        assertThat(count(1 / 1.03, 0.01, Verdict.FASTER)).isGreaterThanOrEqualTo(495);
    }

    @Test
    void aNullChangeIsSameWhenQuietAndSeldomAnythingElseWhenNoisy() {
        assertThat(count(1, 0.005, Verdict.SAME)).isGreaterThanOrEqualTo(450);
        // Each side of the exact interval misses in 2.1 % of 500: 10, plus two standard deviations.
        assertThat(count(1, 0.02, Verdict.SLOWER)).isLessThanOrEqualTo(17);
        assertThat(count(1, 0.02, Verdict.FASTER)).isLessThanOrEqualTo(17);
    }

    @Test
    void theRatioIsCandidateOverBaseline() {
        double[] baseline = new double[12];
        double[] candidate = new double[12];
        Arrays.fill(baseline, 2.0);
        Arrays.fill(candidate, 1.5);

        PairedComparison comparison = PairedComparison.of(baseline, candidate, DELTA, 0.95);

        assertThat(comparison.ratio().value()).isCloseTo(0.75, within(1e-12));
        assertThat(comparison.verdict()).isEqualTo(Verdict.FASTER);
        assertThat(comparison.pairs()).isEqualTo(12);
    }

    @Test
    void aTinyButCertainChangeIsSame() {
        double[] baseline = new double[12];
        double[] candidate = new double[12];
        Arrays.fill(baseline, 1.0);
        Arrays.fill(candidate, 1.005);

        assertThat(PairedComparison.of(baseline, candidate, DELTA, 0.95).verdict())
                .isEqualTo(Verdict.SAME);
    }

    @Test
    void fewerThanSixPairsDecideNothing() {
        assertThat(PairedComparison.of(new double[] {1, 1, 1, 1, 1}, new double[] {2, 2, 2, 2, 2}, DELTA, 0.95)
                        .verdict())
                .isEqualTo(Verdict.UNDECIDED);
    }

    @Test
    void unequalOrImpossibleSidesAreRefused() {
        assertThatThrownBy(() -> PairedComparison.of(new double[2], new double[3], DELTA, 0.95))
                .hasMessageContaining("2 baseline and 3");
        assertThatThrownBy(() -> PairedComparison.of(new double[] {0}, new double[] {1}, DELTA, 0.95))
                .hasMessageContaining("positive");
    }

    @Test
    void theNoiseOfAPairIsStated() {
        double sum = 0;
        for (int seed = 0; seed < 500; seed++) {
            sum += compare(1, 0.005, seed).pairNoise();
        }
        // Two blocks of 0.5 % make a pair of 0.71 %; the estimate from 20 is a few percent low.
        assertThat(sum / 500).isCloseTo(0.0071, within(0.0006));
    }

    @Test
    void aChangeIsMaterialWhenAllOfItsIntervalLiesBeyondDelta() {
        assertThat(compare(1.03, 0.004, 1).material()).isTrue();
        assertThat(compare(1 / 1.03, 0.004, 1).material()).isTrue();
        PairedComparison small = compare(1.011, 0.004, 1);
        assertThat(small.verdict()).isEqualTo(Verdict.SLOWER);
        assertThat(small.material()).isFalse();
        assertThat(compare(1, 0.004, 1).material()).isFalse();
    }

    @Test
    void theSignedRankTestIsForInformation() {
        assertThat(compare(1.03, 0.01, 2).pValue()).isLessThan(0.001);
        int low = 0;
        for (int seed = 0; seed < 500; seed++) {
            low += compare(1, 0.01, seed).pValue() <= 0.05 ? 1 : 0;
        }
        // 5 % of 500 are 25; three standard deviations are 15.
        assertThat(low).isBetween(10, 40);
        double[] same = {1, 2, 3, 4, 5, 6};
        assertThat(PairedComparison.of(same, same, DELTA, 0.95).pValue()).isEqualTo(1);
    }

    @Test
    void whatTheIntervalAdmitsIsTheLargestDifference() {
        PairedComparison comparison = compare(1.01, 0.01, 3);
        assertThat(comparison.largestDifference())
                .isEqualTo(Math.log(comparison.ratio().high()));
        assertThat(compare(1 / 1.05, 0.01, 3).largestDifference())
                .isEqualTo(-Math.log(compare(1 / 1.05, 0.01, 3).ratio().low()));
    }
}
