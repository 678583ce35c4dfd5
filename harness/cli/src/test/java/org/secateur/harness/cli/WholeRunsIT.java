package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.models.libtorch.Checkpoint;

/** The training commands as small as they get, from the command line to the documents that they leave. */
@Tag("process")
@Timeout(300)
class WholeRunsIT {
    private final Path directory;
    private final Program program;

    WholeRunsIT(@TempDir Path directory) {
        this.directory = directory;
        program = new Program(directory);
    }

    @BeforeEach
    void drawImages() throws IOException {
        program.drawImages();
    }

    @AfterEach
    void endChildren() throws InterruptedException {
        program.close();
    }

    @Test
    void trainPruneAndReportTellWhatTheirSchemasSay() throws Exception {
        Network elsewhere = Zoo.network("resnet8", Optional.empty(), OptionalInt.of(3));
        new Checkpoint(elsewhere, new Initializer(1).initialize(elsewhere), Map.of())
                .write(directory.resolve("elsewhere.safetensors"));
        List<String> recipe = List.of(
                "--schedule",
                "cosine",
                "--warmup",
                "0.5",
                "--label-smoothing",
                "0.1",
                "--clip-norm",
                "1",
                "--from",
                "elsewhere.safetensors",
                "--network",
                "resnet8");
        JsonNode trained = document("train", recipe.toArray(String[]::new));
        assertThat(trained.at("/warnings").toString())
                .contains("layer fc began fresh, since elsewhere.safetensors has it for other classes than 10");
        assertThat(trained.has("pruned")).isFalse();
        assertThat(trained.at("/dense/top5/value").asDouble())
                .isBetween(trained.at("/dense/top1/value").asDouble(), 1.0);
        assertThat(trained.at("/dense/trainSecondsParts/teacher").asDouble(-1)).isZero();
        String teacher = trained.at("/files/checkpoint").asText();
        JsonNode pruned = document("prune", "--budget", "macs=0.7", "--teacher", teacher);
        assertThat(pruned.at("/pruned/trainSecondsParts/teacher").asDouble()).isPositive();
        assertThat(pruned.at("/plans/0/unit").asText()).isEqualTo("macs");
        assertThat(pruned.at("/pruned/macs/total").asLong())
                .isLessThan(pruned.at("/dense/macs/total").asLong());
        String onnx = pruned.at("/files/onnx").asText();
        JsonNode exported = program.run(List.of("network", onnx, "--json")).json("network");
        assertThat(exported.at("/macs")).isEqualTo(pruned.at("/pruned/macs"));
        assertThat(exported.at("/parameters")).isEqualTo(pruned.at("/pruned/parameters"));
        JsonNode continued = document("prune", "--network", onnx, "--budget", "macs=0.9");
        assertThat(continued.at("/dense/macs")).isEqualTo(exported.at("/macs"));
        String written = pruned.at("/files/report").asText();
        String run = written.replace("/report.html", "");
        JsonNode history = program.run(List.of("history", run, run, "--json")).json("history");
        assertThat(history.at("/series"))
                .extracting(series -> series.at("/quantity").asText())
                .contains("stepRatio", "latencyRatio", "pruned.stepSeconds", "pruned.trainSeconds");
        assertThat(history.at("/series/0/points")).hasSize(2);
        Run report = program.run(List.of("report", run, "--json"));
        assertThat(report.json("report").at("/files/report").asText()).isEqualTo(written);
        assertThat(directory.resolve(written)).content().contains("<section id=\"staircases\"");
    }

    private JsonNode document(String command, String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of(command, "--json", "--data", "cifar10:.", "--epochs", "2", "--batch", "16"));
        arguments.addAll(List.of("--layout", "nhwc"));
        arguments.addAll(List.of(more));
        Run run = program.run(arguments);
        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode json = run.json("run");
        assertThat(json.at("/command").asText()).isEqualTo(command);
        assertThat(json.at("/arithmetic/layout").asText()).isEqualTo("nhwc");
        assertThat(json.at("/layoutChoice/by").asText()).isEqualTo("OPTION");
        return json;
    }
}
