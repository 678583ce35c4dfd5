package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.secateur.harness.loop.PruningSettings;
import org.secateur.harness.loop.PruningSettings.CostKind;
import org.secateur.harness.loop.PruningSettings.Objective;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine;

class PruningOptionsTest {
    @Test
    void withoutABudgetOnlyEmptyChannelsGoUnlessASaliencyIsGiven() {
        assertThat(settings("--budget", "none").saliencyBudget()).isZero();
        assertThat(settings("--budget", "none", "--saliency-budget", "0.01").saliencyBudget())
                .isEqualTo(0.01);
    }

    /** What one reconfiguration may remove is never silently less than was asked. */
    @Test
    void aRunMayRemoveWhatOneReconfigurationMay() {
        assertThat(settings("--saliency-budget", "0.01").saliencyRunBudget()).isEqualTo(0.05);
        assertThat(settings("--saliency-budget", "0.1").saliencyRunBudget()).isEqualTo(0.1);
        assertThat(settings("--saliency-budget", "0.1", "--saliency-run-budget", "0.3")
                        .saliencyRunBudget())
                .isEqualTo(0.3);
    }

    @Test
    void aShareOfTheDenseCostIsOneOfAnyCost() {
        PruningSettings settings = settings("--budget", "train-step=0.65", "--cost", "macs", "--objective", "latency");
        assertThat(settings.cost()).isEqualTo(CostKind.MACS);
        assertThat(settings.objective()).isEqualTo(Objective.LATENCY);
    }

    @Test
    void anAmountIsOneOfItsOwnCost() {
        PruningSettings settings = settings("--budget", "macs=20M", "--cost", "macs", "--objective", "latency");
        assertThat(settings).isEqualTo(settings("--budget", "macs=20M"));
        refused("--budget", "macs=20M", "--objective", "step");
        refused("--budget", "latency=5ms", "--objective", "mix=0.5");
        refused("--budget", "train-step=12ms", "--cost", "macs");
        refused("--budget", "train-step=12ms", "--cost", "joules");
    }

    private static void refused(String... arguments) {
        assertThatThrownBy(() -> settings(arguments))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("an amount of another cost");
    }

    @Test
    void onlyAMixHasAWeight() {
        assertThat(settings("--objective", "mix=0.3").stepWeight()).isEqualTo(0.3);
        assertThat(settings("--objective", "MIX").stepWeight()).isEqualTo(0.5);
        assertThat(settings("--objective", "latency").objective()).isEqualTo(Objective.LATENCY);
        for (String objective : new String[] {"step=0.3", "latency=1", "mixed=0.3", "=0.3"}) {
            assertThatThrownBy(() -> settings("--objective", objective))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("unknown objective");
        }
    }

    private static PruningSettings settings(String... arguments) {
        return CommandLine.populateCommand(new PruningOptions(), arguments).settings();
    }
}
