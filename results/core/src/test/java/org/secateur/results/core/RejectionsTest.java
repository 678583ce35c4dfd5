package org.secateur.results.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RejectionsTest {
    @Test
    void upToHalfOfTheBlocksAreThrownAway() {
        Rejections half = new Rejections(Map.of(Rejections.STEAL, 3, Rejections.COLLECTION, 2), 10);
        assertThat(half.disturbedFraction()).isEqualTo(0.5);
        assertThat(half.discardFraction()).isEqualTo(0.5);
        assertThat(half.contendedFraction()).isEqualTo(0.3);
        assertThat(half.named()).isEqualTo(Map.of("steal", 3, "garbage collection", 2));
        assertThat(Rejections.of(half.named(), 10)).isEqualTo(half);
    }

    @Test
    void beyondThatAllCountAndTheCausesSaySo() {
        Rejections most = new Rejections(Map.of(Rejections.SWITCHES, 6), 10);
        assertThat(most.disturbedFraction()).isEqualTo(0.6);
        assertThat(most.discardFraction()).isZero();
        assertThat(most.contendedFraction()).isEqualTo(0.6);
        assertThat(most.named()).isEqualTo(Map.of("involuntary switches (kept)", 6));
        assertThat(Rejections.of(most.named(), 10)).isEqualTo(most);
        assertThat(new Rejections(Map.of(), 0).disturbedFraction()).isZero();
    }
}
