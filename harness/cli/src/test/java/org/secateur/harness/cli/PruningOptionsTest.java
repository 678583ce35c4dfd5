package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.secateur.harness.loop.PruningSettings;
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

    private static PruningSettings settings(String... arguments) {
        return CommandLine.populateCommand(new PruningOptions(), arguments).settings();
    }
}
