package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;

class EnergyAccountTest {
    /** A counter that the test sets. */
    private static final class Settable implements EnergyCounter {
        private double joules;
        private boolean lost;

        @Override
        public String id() {
            return "set";
        }

        @Override
        public double joules() {
            if (lost) {
                throw SecateurException.environment("the counter is lost", "set", "look for it");
            }
            return joules;
        }

        @Override
        public double limitWatts() {
            return 1000;
        }
    }

    @Test
    void onlyWhatIsMeteredCountsBesideWhatWasCountedBefore() {
        Settable counter = new Settable();
        EnergyAccount account = new EnergyAccount(Optional.of(counter), 7, null);
        counter.joules = 100;
        assertThat(account.metered(() -> {
                    counter.joules += 20;
                    return "done";
                }))
                .isEqualTo("done");
        counter.joules += 1000;
        account.metered(() -> counter.joules += 3);
        assertThat(account.counted()).isEqualTo(30);
        assertThat(account.total()).isEqualTo(Quantity.measured(Estimate.exact(30)));
    }

    @Test
    void aCounterThatIsLostLeavesTheWorkAloneAndNoNumber() {
        Settable counter = new Settable();
        EnergyAccount account = new EnergyAccount(Optional.of(counter), 0, null);
        counter.lost = true;
        assertThat(account.metered(() -> 5)).isEqualTo(5);
        assertThat(account.total()).isEqualTo(Quantity.unavailable("the counter is lost"));
    }

    /** What is counted now does not make up for what was not counted before. */
    @Test
    void whatWasNotCountedBeforeIsStillMissing() {
        Settable counter = new Settable();
        EnergyAccount account = new EnergyAccount(Optional.of(counter), 7, "the counter was lost");
        account.metered(() -> counter.joules += 20);
        assertThat(account.total()).isEqualTo(Quantity.unavailable("the counter was lost"));
        assertThat(account.missing()).isEqualTo("the counter was lost");
    }

    @Test
    void withoutACounterThereIsAReason() {
        EnergyAccount account = new EnergyAccount(Optional.empty(), 0, null);
        assertThat(account.metered(() -> 5)).isEqualTo(5);
        assertThat(account.total().toString()).contains("on a GPU only");
    }
}
