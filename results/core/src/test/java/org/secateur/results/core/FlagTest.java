package org.secateur.results.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.statistics.Estimate;

class FlagTest {
    private static final Set<Flag> ALL = EnumSet.allOf(Flag.class);
    private static final Estimate NUMBER = Estimate.exact(1);

    @Test
    void aRoughJouleValueSaysNothingOfTheTimeBesideIt() {
        assertThat(Flag.ofSeconds(Set.of(Flag.ENERGY_WIDE, Flag.DISAGREE))).isEmpty();
        assertThat(Flag.ofSeconds(ALL))
                .containsExactlyInAnyOrder(
                        Flag.WIDE,
                        Flag.BIMODAL,
                        Flag.THROTTLED,
                        Flag.CONTENDED,
                        Flag.NO_STEADY_STATE,
                        Flag.INVALID,
                        Flag.IMPLAUSIBLE);
    }

    @Test
    void countedJoulesHaveTheFlagsOfTheirOwnWindows() {
        assertThat(Flag.ofJoules(ALL, Quantity.measured(NUMBER)))
                .containsExactlyInAnyOrder(
                        Flag.DISAGREE,
                        Flag.INVALID,
                        Flag.IMPLAUSIBLE,
                        Flag.ENERGY_WIDE,
                        Flag.ENERGY_THROTTLED,
                        Flag.ENERGY_CONTENDED,
                        Flag.ENERGY_UNSETTLED,
                        Flag.ENERGY_INVALID);
        assertThat(Flag.ofJoules(Set.of(Flag.WIDE), Quantity.derived(NUMBER))).isEmpty();
    }

    @Test
    void joulesThatAModelTellsFromTheSecondsAreNoBetterThanThose() {
        assertThat(Flag.ofJoules(ALL, Quantity.modelled(NUMBER, "cpu-power"))).isEqualTo(Flag.ofSeconds(ALL));
    }
}
