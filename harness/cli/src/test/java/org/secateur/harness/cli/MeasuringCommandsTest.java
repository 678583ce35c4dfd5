package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;

/** The commands that measure, store and read costs, on a simulated device. */
final class MeasuringCommandsTest {
    private static final String[] PROFILE = {"profile", "--network", "resnet8", "--batch", "4"};

    @TempDir
    Path folder;

    private String store = "";

    @BeforeEach
    void name() {
        store = folder.resolve("runs/secateur.db").toString();
    }

    private Run run(String... args) {
        String[] all = Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--store";
        all[args.length + 1] = store;
        return Run.simulated(all);
    }

    private Run profile(String... more) {
        return run(Stream.concat(Arrays.stream(PROFILE), Arrays.stream(more)).toArray(String[]::new));
    }

    @Test
    void aProfileMeasuresEachPointOnceAndThenContinues() {
        JsonNode first = profile("--json").json("profile");
        int points = first.at("/points").asInt();
        assertThat(first.at("/measuredPoints").asInt()).isEqualTo(points).isPositive();
        assertThat(first.at("/heldOutError/median/provenance").asText()).isEqualTo("UNAVAILABLE");
        JsonNode again = profile("--json").json("profile");
        assertThat(again.at("/measuredPoints").asInt()).isZero();
        assertThat(again.at("/points").asInt()).isEqualTo(points);
        JsonNode wider = profile("--neighbours", "0.75,0.5", "--json").json("profile");
        assertThat(wider.at("/measuredPoints").asInt())
                .isEqualTo(wider.at("/points").asInt() - points)
                .isPositive();
    }

    @Test
    void whatIsGoingToBeMeasuredIsSaidFirst() {
        Run first = profile("--json");
        int points = first.json("profile").at("/points").asInt();
        assertThat(first.err())
                .startsWith("secateur: measuring " + points
                        + " points to within 1.0 %, each for at most 3.00 s after its warm-up: up to "
                        + Progress.duration(points * 5.0) + ", besides preparing them\n");
        assertThat(profile().err()).startsWith("secateur: all " + points + " points are there already\n");
        assertThat(profile("--neighbours", "0.5", "--cap", "0.5", "--precision", "0.05")
                        .err())
                .startsWith("secateur: " + points + " of ")
                .contains(
                        "points are there already; measuring ",
                        "points to within 5.0 %, each for at most 500 ms after its warm-up");
    }

    /** A device on which the first kernel cannot be opened: nothing is finished, but all is announced. */
    @Test
    void theAnnouncementDoesNotWaitForTheFirstPoint() {
        SimulatedDevice device = new SimulatedDevice(
                w -> {
                    throw new IllegalStateException("no kernel opens");
                },
                Disturbance.NONE,
                1);
        Run run = Run.of(
                id -> device,
                device.surroundings(),
                "profile",
                "--network",
                "resnet8",
                "--batch",
                "4",
                "--store",
                store);
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).startsWith("secateur: measuring ").contains("no kernel opens");
    }

    @Test
    void neighboursTellHowWellOneRowIsPredictedFromTheOthers() {
        JsonNode json = profile("--neighbours", "0.9,0.8,0.7", "--json").json("profile");
        // The simulated costs are affine in each width, and a step of a convolution is at most 5 % high.
        assertThat(json.at("/heldOutError/median/value").asDouble(1)).isLessThan(0.05);
    }

    @Test
    void layersAreRankedByTheirTime() {
        Run text = profile();
        assertThat(text.out()).contains("layer1.0.conv1").contains("bound").contains("roofline of the best rates");
        List<Double> shares = new ArrayList<>();
        profile("--json")
                .json("profile")
                .at("/layers")
                .forEach(layer -> shares.add(layer.at("/share").asDouble()));
        assertThat(shares).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(shares.stream().mapToDouble(Double::doubleValue).sum()).isCloseTo(1, within(1e-9));
    }

    @Test
    void aProfiledNetworkIsPredictedExactlyAndVerified() {
        profile();
        JsonNode json = run("predict", "--network", "resnet8", "--batch", "4", "--verify", "--json")
                .json("predict");
        assertThat(json.at("/coverage/exact").asInt()).isPositive();
        assertThat(json.at("/coverage/interpolated").asInt(1)).isZero();
        assertThat(json.at("/coverage/missing").asInt(1)).isZero();
        assertThat(json.at("/verifiedBy").asText()).isEqualTo("replay");
        // The simulated step is the sum of its launches, and the device has no noise.
        assertThat(json.at("/relativeError/value").asDouble(1)).isCloseTo(0, within(1e-6));
        assertThat(json.at("/stepSeconds/value").asDouble())
                .isGreaterThan(json.at("/latencySeconds/value").asDouble(1));
        assertThat(json.at("/energyJoules/model").asText()).contains("65.0 W");
    }

    @Test
    void randomPruningsTellHowFarPredictionsAreOff() {
        String[] trial = {
            "predict", "--network", "resnet8", "--batch", "4", "--verify", "--prunings", "3", "--fit", "2", "--json"
        };
        JsonNode json = run(trial).json("predict-prunings");
        assertThat(json.at("/prunings")).hasSize(5);
        assertThat(json.at("/prunings").findValuesAsText("fitted"))
                .containsExactly("true", "true", "false", "false", "false");
        assertThat(json.at("/prunings").findValues("widths").stream().distinct())
                .hasSize(5);
        json.at("/prunings").findValues("widths").forEach(widths -> {
            assertThat(widths.at("/conv1").asInt()).isBetween(4, 16);
        });
        // A simulated step is the sum of its launches; interpolations, and launches too short for the clock, are off.
        assertThat(json.at("/plain/worstError").asDouble(1)).isBetween(0.0, 0.05);
        assertThat(json.at("/plain/medianError").asDouble(1))
                .isLessThanOrEqualTo(json.at("/plain/worstError").asDouble());
        assertThat(json.at("/additivity/scale").asDouble()).isBetween(0.8, 1.2);
        assertThat(json.at("/additivity/fittedOn").asInt()).isEqualTo(2);
        assertThat(run(trial).json("predict-prunings").at("/prunings/4/widths"))
                .isEqualTo(json.at("/prunings/4/widths"));
        assertThat(run("predict", "--network", "resnet8", "--prunings", "3").exit())
                .isEqualTo(2);
        assertThat(run("predict", "--network", "resnet8", "--verify", "--prunings", "-1")
                        .exit())
                .isEqualTo(2);
    }

    @Test
    void twoNetworksAreComparedInPairs() throws IOException {
        Path widths = Files.writeString(folder.resolve("widths.json"), "{\"conv1\": 8}");
        String small = "resnet8@" + widths;
        JsonNode json = run("compare", "resnet8", small, "--batch", "4", "--pairs", "7", "--json")
                .json("compare");
        double step = json.at("/baseline/seconds/value").asDouble();
        assertThat(json.at("/ratio/value").asDouble(1))
                .isCloseTo(json.at("/candidate/seconds/value").asDouble() / step, within(1e-6))
                .isLessThan(0.9);
        assertThat(json.at("/verdict").asText()).isEqualTo("FASTER");
        assertThat(json.at("/pairs").asInt()).isEqualTo(7);
        assertThat(json.at("/candidate/name").asText()).isEqualTo(small);
        JsonNode back = run("compare", small, "resnet8", "--of", "inference", "--json")
                .json("compare");
        assertThat(back.at("/verdict").asText()).isEqualTo("SLOWER");
        assertThat(back.at("/of").asText()).isEqualTo("inference");
        assertThat(back.at("/baseline/seconds/value").asDouble(1)).isLessThan(step);
        assertThat(run("compare", small, "resnet8", "--strict").exit()).isEqualTo(1);
        assertThat(run("compare", "resnet8", small, "--strict").out()).startsWith("FASTER: " + small + " takes 0.");
    }

    @Test
    void oneThingIsAsFastAsItself() {
        String workload = "activation n=4 c=16 h=32 w=32 kind=relu pass=forward dtype=f32 math=default layout=nchw";
        Run run = run("compare", workload, workload);
        assertThat(run.exit()).isZero();
        assertThat(run.out()).startsWith("SAME: ");
    }

    @Test
    void whatIsNotInTheTableIsMissingUnlessGuessed() throws IOException {
        profile();
        Path widths = Files.writeString(folder.resolve("widths.json"), "{\"conv1\": 9}");
        String[] predict = {"predict", "--network", "resnet8", "--batch", "4", "--widths", widths.toString(), "--json"};
        JsonNode missing = run(predict).json("predict");
        assertThat(missing.at("/stepSeconds/provenance").asText()).isEqualTo("UNAVAILABLE");
        assertThat(missing.at("/warnings/0").asText()).contains("secateur profile --network resnet8");
        String[] guess = Arrays.copyOf(predict, predict.length + 1);
        guess[predict.length] = "--guess";
        JsonNode guessed = run(guess).json("predict");
        assertThat(guessed.at("/stepSeconds/provenance").asText()).isEqualTo("MODELLED");
        assertThat(guessed.at("/coverage/missing").asInt(1)).isZero();
        assertThat(guessed.at("/coverage/modelled").asInt()).isPositive();
    }

    @Test
    void aTableTravelsAsJsonAndIsReadOnAnotherMachine() {
        profile();
        String file = folder.resolve("out/costs.json").toString();
        run("table", "export", "--out", file, "--json").json("table-export");
        String elsewhere = folder.resolve("other.db").toString();
        Run imported = Run.withoutDevice("table", "import", file, "--store", elsewhere, "--json");
        JsonNode json = imported.json("table-import");
        assertThat(json.at("/newRows").asInt())
                .isEqualTo(json.at("/rows").asInt())
                .isPositive();
        JsonNode again = Run.withoutDevice("table", "import", file, "--store", elsewhere, "--json")
                .json("table-import");
        assertThat(again.at("/newRows").asInt(1)).isZero();
        JsonNode read = Run.withoutDevice(
                        "predict", "--network", "resnet8", "--batch", "4", "--table", file, "--verify", "--json")
                .json("predict");
        assertThat(read.at("/stepSeconds/value").asDouble()).isPositive();
        assertThat(read.at("/measuredSeconds/reason").asText()).contains("not to be had here");
        assertThat(read.at("/warnings").toString()).contains("SIMULATED");
    }

    @Test
    void tablesAreShownWithTheirRows() {
        profile();
        JsonNode all = run("table", "show", "--json").json("table-show");
        String id = all.at("/tables/0/id").asText();
        JsonNode rows = run("table", "show", id.substring(0, 4), "--filter", "pass=update", "--json")
                .json("table-show");
        assertThat(rows.at("/rows")).hasSize(1);
        assertThat(rows.at("/rows/0/workload").asText()).startsWith("optimizerstep parameters=75290 ");
        assertThat(run("table", "show").out()).contains(id).contains("SIMULATED");
        assertThat(run("table", "show", id).out()).contains("conv2d n=4");
    }

    @Test
    void csvGoesToStandardOutput() {
        profile();
        Run csv = run("table", "export", "--format", "csv", "--out", "-");
        assertThat(csv.out()).startsWith("device,fingerprint,workload,").contains("\nSIMULATED,");
    }
}
