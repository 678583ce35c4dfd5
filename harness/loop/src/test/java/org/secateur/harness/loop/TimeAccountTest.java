package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.secateur.harness.loop.TimeAccount.Part;

class TimeAccountTest {
    @Test
    void trainingIsEverythingButEvaluation() {
        TimeAccount account = new TimeAccount();
        assertThat(account.trainSeconds()).isZero();
        for (Part part : Part.values()) {
            account.add(part, 1);
            account.add(part, 0.5);
        }
        assertThat(account.parts())
                .hasSize(Part.values().length)
                .allSatisfy((p, s) -> assertThat(s).isEqualTo(1.5));
        assertThat(account.trainSeconds()).isEqualTo(1.5 * (Part.values().length - 1));
    }

    @Test
    void anAccountGoesOnWhereAnEarlierOneEnded() {
        TimeAccount earlier = new TimeAccount();
        earlier.add(Part.STEPS, 2);
        earlier.add(Part.EVALUATION, 3);
        TimeAccount later = new TimeAccount(earlier.parts());
        later.add(Part.STEPS, 1);
        assertThat(later.trainSeconds()).isEqualTo(3);
        assertThat(later.parts()).containsEntry(Part.EVALUATION, 3.0).containsEntry(Part.DATA, 0.0);
        assertThat(earlier.trainSeconds()).isEqualTo(2);
    }

    @Test
    void timeThatRunsBackwardsIsRefused() {
        for (double seconds : new double[] {-1e-9, Double.NaN}) {
            assertThatThrownBy(() -> new TimeAccount().add(Part.DATA, seconds))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("DATA");
        }
    }
}
