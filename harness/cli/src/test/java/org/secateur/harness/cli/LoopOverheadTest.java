package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

/** The time outside libtorch as a dense training tells it, in the document and in the summary. */
final class LoopOverheadTest {
    private static final Network NETWORK = Zoo.network("resnet8");

    @Test
    void theTimeOutsideLibTorchIsTheMedianAndTheWorstOfTheEpochs() throws Exception {
        JsonNode json = json(document(0.004, 0.031, 0.006));
        assertThat(json.at("/dense/loopOverhead").toString()).isEqualTo("{\"median\":0.006,\"worst\":0.031}");
    }

    @Test
    void aNetworkThatWasNotTrainedHasNoTimeOutsideLibTorch() throws Exception {
        JsonNode json = json(document());
        assertThat(json.at("/dense/loopOverhead/provenance").asText()).isEqualTo("UNAVAILABLE");
        assertThat(json.at("/dense/loopOverhead/reason").asText()).isNotEmpty();
    }

    @Test
    void theSummaryOfATrainingHasItInTwelveLines() {
        String text = RunSummary.text(document(0.004, 0.031, 0.006));
        assertThat(text).contains("step outside libtorch  0.6 %, at worst 3.1 %");
        assertThat(text.lines()).hasSizeLessThanOrEqualTo(12);
    }

    private static JsonNode json(RunDocument document) throws Exception {
        return new ObjectMapper().readTree(Json.write(document.json()));
    }

    private static RunDocument document(double... loopOverheads) {
        List<EpochPoint> history = new ArrayList<>();
        for (double overhead : loopOverheads) {
            history.add(new EpochPoint(history.size() + 1, 1.5, 0.5, 0.02, overhead, Map.of("conv1", 16)));
        }
        Quantity none = Quantity.unavailable("this test measures nothing");
        ArmResult dense = new ArmResult(
                none,
                none,
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
                new TrainingSettings(3, 128, 0.1, 0.9, 5e-4, ScheduleKind.ONE_CYCLE, 1),
                Optional.empty(),
                true,
                1,
                100,
                20);
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
