package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.secateur.harness.cli.RunExecution.RunFiles;
import org.secateur.harness.loop.ArmResult;
import org.secateur.harness.loop.EpochPoint;
import org.secateur.harness.loop.LayoutChoice;
import org.secateur.harness.loop.LayoutChoice.By;
import org.secateur.harness.loop.RunResult;
import org.secateur.harness.loop.RunSettings;
import org.secateur.harness.loop.TrainingSettings;
import org.secateur.harness.loop.TrainingSettings.ScheduleKind;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Counts;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.Recipe;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

final class RunSummaryTest {
    private static final Network NETWORK = Zoo.network("resnet8");

    @Test
    void topFiveStandsBesideTopOneWhereItSaysSomething() {
        assertThat(RunSummary.text(trained(Quantity.measured(Estimate.exact(0.97)))))
                .containsPattern("top-1, top-5 +75\\.0 %, 97\\.0 %\n");
        assertThat(RunSummary.text(trained(Quantity.unavailable("there are only 4 classes"))))
                .containsPattern("top-1 +75\\.0 %\n");
    }

    /** A table is of one number of threads, and those of one process were a share of the cores. */
    @Test
    void whatIsNextHasTheThreadsOfTheRunsTable() {
        Quantity top5 = Quantity.measured(Estimate.exact(0.95));
        assertThat(RunSummary.text(trained(top5, 1))).contains("next: secateur predict ");
        assertThat(RunSummary.text(trained(top5, 2))).contains("next: OMP_NUM_THREADS=1 secateur predict ");
    }

    private static RunDocument trained(Quantity top5) {
        return trained(top5, 1);
    }

    private static RunDocument trained(Quantity top5, int workers) {
        Quantity none = Quantity.unavailable("this test measures nothing");
        ArmResult dense = new ArmResult(
                Quantity.measured(Estimate.exact(0.75)),
                top5,
                none,
                none,
                none,
                none,
                Set.of(),
                Set.of(),
                Counts.of(NETWORK),
                Quantity.measured(Estimate.exact(1)),
                none,
                Map.of(),
                Map.of("conv1", 16));
        RunSettings settings = new RunSettings(
                NETWORK,
                new TrainingSettings(
                        3, 128, 0.1, 0.9, 5e-4, ScheduleKind.ONE_CYCLE, 1, 0, Recipe.PLAIN, List.of(), workers),
                Optional.empty(),
                true,
                1,
                100,
                20);
        List<EpochPoint> history = List.of(new EpochPoint(1, 1.5, 0.75, 0.02, 0.004, Map.of("conv1", 16)));
        Path file = Path.of("runs");
        return new RunDocument(
                "train",
                settings,
                Dataset.open("shapes:200"),
                new SimulatedDevice(workload -> 1e-3, Disturbance.NONE, 1),
                1,
                new RunFiles(file, file, file, file, file, file),
                new RunResult(settings, dense, Optional.empty(), Optional.empty(), history, List.of(), List.of()),
                Arithmetic.DEFAULT,
                LayoutChoice.named(Layout.NCHW, By.OPTION),
                List.of());
    }
}
