package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedBoard;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.profilers.core.simulation.VirtualClock;
import org.secateur.results.core.Operation;

/** Joules on their way through the commands, on a simulated device with a counter: 60 W idle, and 200 W at work. */
final class EnergyCommandsTest {
    private static final double SECONDS = 1e-3;
    private static final String RELU =
            "activation n=4 c=16 h=32 w=32 kind=relu pass=forward dtype=f32 math=default" + " layout=nchw";
    private static final String LINEAR = "linear n=8 in=16 out=10 pass=forward dtype=f32 math=default layout=nchw";

    @TempDir
    Path folder;

    private final SimulatedDevice device = new SimulatedDevice(
            workload -> SECONDS,
            workload -> workload.operation() instanceof Operation.Linear ? 100 : 140,
            Disturbance.NONE,
            new SimulatedBoard(BoardModel.PLAIN, new VirtualClock(), 1),
            1);

    private Run run(String... args) {
        return Run.of(id -> device, device.surroundings(), args);
    }

    private Run profile(String... more) {
        Stream<String> args = Stream.of(
                "profile",
                "--network",
                "resnet8",
                "--batch",
                "4",
                "--rough",
                "--fast",
                "--store",
                folder.resolve("secateur.db").toString());
        return run(Stream.concat(args, Stream.of(more)).toArray(String[]::new));
    }

    private JsonNode shown() {
        return run(
                        "table",
                        "show",
                        "--filter",
                        "pass=",
                        "--json",
                        "--store",
                        folder.resolve("secateur.db").toString())
                .json("table-show");
    }

    private List<JsonNode> rows() {
        return StreamSupport.stream(shown().at("/rows").spliterator(), false).toList();
    }

    @Test
    void aProfileCountsTheJoulesOfTheNetworksOwnPoints() {
        JsonNode profile = profile("--json").json("profile");

        JsonNode first = profile.at("/layers/0");
        assertThat(first.at("/energyJoules/provenance").asText()).isEqualTo("DERIVED");
        assertThat(first.at("/energyJoules/flags").toString()).contains("ENERGY_WIDE");
        assertThat(first.at("/share/flags").toString()).doesNotContain("ENERGY");
        assertThat(profile.at("/warnings").toString()).contains("points are flagged ENERGY_WIDE");
        double seconds = first.at("/forwardSeconds/value").asDouble()
                + first.at("/backwardSeconds/value").asDouble();
        assertThat(first.at("/energyJoules/value").asDouble()
                        - first.at("/netEnergyJoules/value").asDouble())
                .isCloseTo(60 * seconds, within(0.6 * seconds));
        List<JsonNode> counted = rows().stream()
                .filter(row -> row.at("/energyJoules/provenance").asText().equals("MEASURED"))
                .toList();
        assertThat(counted).hasSizeGreaterThan(20);
        for (JsonNode row : counted) {
            double watts = row.at("/workload").asText().startsWith("linear") ? 160 : 200;
            assertThat(row.at("/energyJoules/value").asDouble())
                    .isCloseTo(watts * SECONDS, within(0.005 * SECONDS * watts));
        }
        assertThat(run(
                                "table",
                                "check",
                                "--store",
                                folder.resolve("secateur.db").toString())
                        .exit())
                .isZero();
        assertThat(profile("--json").json("profile").at("/measuredPoints").asInt())
                .isZero();
        JsonNode calibration = shown().at("/runs/0/calibration");
        assertThat(calibration.at("/counterTickSeconds").asDouble()).isPositive();
        assertThat(calibration.at("/idleWatts").asDouble()).isCloseTo(60, within(3.0));

        JsonNode predicted = predict();
        assertThat(predicted.at("/energyJoules/provenance").asText()).isEqualTo("DERIVED");
        assertThat(predicted.at("/energyJoules/flags").toString()).contains("ENERGY_WIDE");
        assertThat(predicted.at("/stepSeconds/flags").toString()).doesNotContain("ENERGY");
        JsonNode modelled = predict("--energy-model", "cpu-power");
        assertThat(modelled.at("/energyJoules/value").asDouble())
                .isCloseTo(65 * modelled.at("/stepSeconds/value").asDouble(), within(1e-4));
        assertThat(modelled.at("/energyJoules/flags").toString()).doesNotContain("ENERGY");
    }

    private JsonNode predict(String... more) {
        Stream<String> args = Stream.of(
                "predict",
                "--network",
                "resnet8",
                "--batch",
                "4",
                "--json",
                "--store",
                folder.resolve("secateur.db").toString());
        return run(Stream.concat(args, Stream.of(more)).toArray(String[]::new)).json("predict");
    }

    @Test
    void withoutEnergyNothingIsCounted() {
        profile("--no-energy");

        assertThat(rows())
                .isNotEmpty()
                .allSatisfy(row ->
                        assertThat(row.at("/energyJoules/provenance").asText()).isEqualTo("UNAVAILABLE"));
    }

    @Test
    void twoThingsAreComparedInJoulesToo() throws IOException {
        JsonNode json = run("compare", RELU, LINEAR, "--json").json("compare");

        assertThat(json.at("/verdict").asText()).isEqualTo("SAME");
        assertThat(json.at("/energyRatio/value").asDouble()).isCloseTo(160.0 / 200, within(0.005));
        assertThat(json.at("/energyComparison/verdict").asText()).isEqualTo("LESS");
        assertThat(json.at("/energyComparison/pairs").asInt()).isEqualTo(6);
        Path file = Files.writeString(folder.resolve("comparison.json"), json.toString());
        assertThat(run("table", "check", file.toString()).exit()).isZero();
        ((ObjectNode) json.at("/energyComparison/pairJoules/0")).put("candidate", 1);
        ((ObjectNode) json.at("/energyComparison/pairJoules/1")).put("candidate", 1);
        ((ObjectNode) json.at("/energyComparison")).put("verdict", "SAME");
        Files.writeString(file, json.toString());
        assertThat(run("table", "check", file.toString()).out())
                .contains("energyComparison.verdict")
                .contains("energyComparison.ratio.high")
                .contains("candidate.joules.high");
        assertThat(json.at("/candidate/joules/provenance").asText()).isEqualTo("MEASURED");
        assertThat(json.at("/candidate/netJoules/value").asDouble()).isCloseTo(0.1, within(0.001));
        assertThat(json.at("/energyControl/verdict").asText()).isEqualTo("SAME");
        assertThat(json.at("/energyControl/pairs").asInt()).isEqualTo(6);
        assertThat(run("compare", RELU, LINEAR).out())
                .contains("energy: ratio 0.80")
                .contains("LESS, 6 pairs")
                .contains("beyond idle power");
        JsonNode many = run("compare", RELU, LINEAR, RELU, "--json").json("compare-many");
        assertThat(many.at("/comparisons/1/energyComparison/verdict").asText()).isEqualTo("SAME");
        assertThat(many.at("/comparisons/0/energyAdjustedPValue").isNumber()).isTrue();
        assertThat(run("compare", RELU, LINEAR, "--no-energy", "--json")
                        .json("compare")
                        .at("/energyRatio/provenance")
                        .asText())
                .isEqualTo("UNAVAILABLE");
    }
}
