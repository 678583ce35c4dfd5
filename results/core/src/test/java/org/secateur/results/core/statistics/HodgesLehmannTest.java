package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;

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
}
