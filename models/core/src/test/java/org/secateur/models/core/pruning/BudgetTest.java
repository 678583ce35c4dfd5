package org.secateur.models.core.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

class BudgetTest {
    @Test
    void aNumberWithoutUnitIsAShareOfTheDenseNetwork() {
        assertThat(Budget.parse("train-step=0.65")).isEqualTo(new Budget.Relative(Budget.Kind.TRAIN_STEP, 0.65));
        assertThat(Budget.parse("macs=1")).isEqualTo(new Budget.Relative(Budget.Kind.MACS, 1));
        assertThat(Budget.parse("train-step=0.65").limit(0.2).orElseThrow()).isCloseTo(0.13, within(1e-12));
    }

    @Test
    void aNumberWithUnitIsACost() {
        assertThat(Budget.parse("latency=12ms").limit(99).orElseThrow()).isCloseTo(0.012, within(1e-15));
        assertThat(Budget.parse("train-step=1.5 s").limit(99).orElseThrow()).isEqualTo(1.5);
        assertThat(Budget.parse("energy=2.5J").limit(99).orElseThrow()).isEqualTo(2.5);
        assertThat(Budget.parse("macs=20M").limit(99).orElseThrow()).isEqualTo(2e7);
        assertThat(Budget.parse("params=100K").limit(99).orElseThrow()).isEqualTo(1e5);
    }

    @Test
    void noneIsNoLimit() {
        assertThat(Budget.parse("none").limit(1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "train-step=0.65", "latency=12ms", "energy=3kJ", "macs=20M", "params=0.1"})
    void aBudgetReadsItsOwnText(String text) {
        Budget budget = Budget.parse(text);

        assertThat(Budget.parse(budget.text())).isEqualTo(budget);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train-step=0",
                "train-step=-0.5",
                "train-step=1.2",
                "latency=0ms",
                "latency=5J",
                "macs=20000000",
                "macs=3m",
                "speed=0.5",
                "train-step",
                "train-step=",
                "train-step=fast",
                "train-step=NaN",
                "train-step=1e400",
                "train-step=1e-400",
                "energy=1e308kJ",
                ""
            })
    void anImpossibleBudgetIsRefusedByItsText(String text) {
        assertThatThrownBy(() -> Budget.parse(text))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessageContaining("--budget " + text);
    }
}
