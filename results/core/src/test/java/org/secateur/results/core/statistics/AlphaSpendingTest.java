package org.secateur.results.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AlphaSpendingTest {
    @Test
    void itIsLanAndDeMetsPocockFunction() {
        // 0.05 ln(1 + (e - 1) / 3) and so on, by hand.
        assertThat(AlphaSpending.spent(0.05, 1.0 / 3)).isCloseTo(0.0226, within(5e-5));
        assertThat(AlphaSpending.spent(0.05, 2.0 / 3)).isCloseTo(0.0382, within(5e-5));
    }

    @Test
    void allIsSpentAtTheEndAndNothingAtTheStart() {
        assertThat(AlphaSpending.spent(0.05, 0)).isZero();
        assertThat(AlphaSpending.spent(0.05, 1)).isEqualTo(0.05);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> AlphaSpending.spent(0, 0.5)).hasMessageContaining("error rate 0");
        assertThatThrownBy(() -> AlphaSpending.spent(0.05, 1.1)).hasMessageContaining("fraction 1.1");
    }
}
