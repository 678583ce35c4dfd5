package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.MemoryHierarchyEnergy;
import org.secateur.results.core.cost.Roofline;

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

        JsonNode run = run("table", "show", "--filter", "pass=forward", "--json")
                .json("table-show")
                .at("/runs/0");
        for (String field : List.of("median", "p95", "predicted", "asked")) {
            assertThat(run.at("/heldOutError/" + field)).isEqualTo(json.at("/heldOutError/" + field));
        }
        String[] predict = {"predict", "--network", "resnet8", "--batch", "4"};
        JsonNode predicted = run(with(predict, "--json")).json("predict");
        assertThat(predicted.at("/heldOutError")).isEqualTo(run.at("/heldOutError"));
        assertThat(predicted.at("/heldOutError/of").asText()).startsWith("resnet8 at batch 4, ");
        assertThat(run(predict).out()).doesNotContain("held-out");
        Run between = run(with(predict, "--widths", "uniform:0.85"));
        assertThat(between.out())
                .contains(" interpolated")
                .contains("held-out error")
                .contains("of resnet8 at batch 4");
    }

    @Test
    void aTableTellsHowItWasMeasured() {
        profile("--precision", "0.02", "--seed", "7");
        JsonNode shown =
                run("table", "show", "--filter", "pass=forward", "--json").json("table-show");
        JsonNode run = shown.at("/runs/0");
        assertThat(run.at("/command").asText()).isEqualTo("profile --network resnet8");
        assertThat(run.at("/seed").asInt()).isEqualTo(7);
        assertThat(run.at("/options/halfWidth").asDouble()).isEqualTo(0.02);
        assertThat(run.at("/options/blockSeconds").asDouble()).isEqualTo(0.01);
        assertThat(run.at("/control/verdict").asText()).isEqualTo("SAME");
        assertThat(run.at("/control/pairs").asInt()).isGreaterThanOrEqualTo(20);
        assertThat(run.has("heldOutError")).isFalse();
        shown.at("/rows").forEach(row -> assertThat(row.at("/run").asInt(-1)).isZero());
        assertThat(run("table", "show", "--filter", "pass=forward").out())
                .contains("profile --network resnet8")
                .contains("SAME 1.000 [1.000, 1.000], noise 0.0 %");
        assertThat(run("predict", "--network", "resnet8", "--batch", "4", "--json")
                        .json("predict")
                        .at("/heldOutError/reason")
                        .asText())
                .contains("--neighbourhood");
    }

    @Test
    void layersAreRankedByTheirTime() {
        Run text = profile();
        assertThat(text.out())
                .contains("layer1.0.conv1")
                .contains("bound")
                .contains("at the peaks measured here")
                .contains("Joules are modelled");
        List<Double> shares = new ArrayList<>();
        profile("--json")
                .json("profile")
                .at("/layers")
                .forEach(layer -> shares.add(layer.at("/share/value").asDouble()));
        assertThat(shares).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(shares.stream().mapToDouble(Double::doubleValue).sum()).isCloseTo(1, within(1e-9));
    }

    @Test
    void eachLayerIsHeldAgainstThePeaksOfTheReferences() {
        JsonNode json = profile("--json").json("profile");
        // The simulated processor computes 1e10 multiply-accumulates and moves 1e10 bytes a second, one after the
        // other.
        assertThat(json.at("/peaks/flopsPerSecond/value").asDouble()).isBetween(1.9e10, 2e10);
        assertThat(json.at("/peaks/bytesPerSecond/value").asDouble()).isBetween(0.99e10, 1e10);
        assertThat(json.at("/peaks/launchSeconds/value").asDouble()).isBetween(0.9e-6, 1.1e-6);
        assertThat(bound(json, "layer3.0.conv2")).isEqualTo("compute");
        assertThat(bound(json, "bn1")).isEqualTo("memory");
        assertThat(bound(json, "loss")).isEqualTo("launch");
        json.at("/layers").forEach(layer -> {
            assertThat(layer.at("/peakFlopsShare/value").asDouble(2)).isBetween(0.0, 1.0);
            assertThat(layer.at("/peakBytesShare/value").asDouble(2)).isBetween(0.0, 1.0);
            double seconds = layer.at("/forwardSeconds/value").asDouble()
                    + layer.at("/backwardSeconds/value").asDouble();
            assertThat(layer.at("/energyJoules/provenance").asText()).isEqualTo("MODELLED");
            assertThat(layer.at("/energyJoules/value").asDouble()).isCloseTo(65 * seconds, within(1e-4 * seconds));
        });
    }

    @Test
    void joulesByTheMemoryHierarchyRankTheLayersAndNameTheirModelEverywhere() {
        JsonNode json = profile("--energy-model", "memory-hierarchy", "--by", "joules", "--json")
                .json("profile");
        assertThat(json.at("/rankedBy").asText()).isEqualTo("joules");
        List<Double> shares = new ArrayList<>();
        List<Double> times = new ArrayList<>();
        json.at("/layers").forEach(layer -> {
            assertThat(layer.at("/energyJoules/model").asText()).startsWith("memory-hierarchy");
            shares.add(layer.at("/energyShare/value").asDouble());
            times.add(layer.at("/share/value").asDouble());
        });
        assertThat(shares).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(times.stream().sorted(Comparator.reverseOrder()).toList()).isNotEqualTo(times);
        assertThat(shares.stream().mapToDouble(Double::doubleValue).sum()).isCloseTo(1, within(1e-9));
        assertThat(profile("--energy-model", "memory-hierarchy").out())
                .contains("First by joules: ", "Joules are modelled: memory-hierarchy");
        run("table", "show", "--filter", "pass=", "--json")
                .json("table-show")
                .at("/rows")
                .forEach(row ->
                        assertThat(row.at("/energyJoules/model").asText()).startsWith("memory-hierarchy"));
        assertThat(run("table", "check").exit()).isZero();

        JsonNode predicted = run(
                        "predict",
                        "--network",
                        "resnet8",
                        "--batch",
                        "4",
                        "--energy-model",
                        "memory-hierarchy",
                        "--json")
                .json("predict");
        double sum = MemoryHierarchyEnergy.eyeriss()
                .joules(
                        Arithmetic.DEFAULT.training(Zoo.network("resnet8"), 4).instructions().stream()
                                .map(StepProgram.Instruction::workload)
                                .toList(),
                        Quantity.unavailable("counted"),
                        OptionalDouble.empty())
                .estimate()
                .orElseThrow()
                .value();
        assertThat(predicted.at("/energyJoules/value").asDouble()).isCloseTo(sum, within(1e-9 * sum));
        assertThat(predicted.at("/perLayer/0/energyJoules/model").asText()).startsWith("memory-hierarchy");
        assertThat(run("predict", "--network", "resnet8", "--batch", "4", "--watts", "100", "--json")
                        .json("predict")
                        .at("/energyJoules/model")
                        .asText())
                .as("joules by a model never stand for counted ones")
                .startsWith("cpu-power")
                .contains("100 W");
    }

    private static String bound(JsonNode json, String name) {
        for (JsonNode layer : json.at("/layers")) {
            if (layer.at("/name").asText().equals(name)) {
                return layer.at("/bound").asText();
            }
        }
        throw new AssertionError("no layer " + name + " in " + json.at("/layers"));
    }

    /** Arithmetic in steps of 8 channels on both sides, all else as in {@link Run#simulated}. */
    private static double staircase(Workload workload) {
        if (workload.operation() instanceof Operation.Convolution o) {
            double macs = (double) workload.macs() / o.c() / o.k();
            double padded = macs * 64 * Math.ceil(o.c() / 8.0) * Math.ceil(o.k() / 8.0);
            return 1e-6 + padded / 1e10 + workload.bytesMoved() / 1e11;
        }
        return 1e-6 + workload.macs() / 1e10 + workload.bytesMoved() / 1e10;
    }

    private Run neighbourhood(String... more) {
        return neighbourhood(new SimulatedDevice(MeasuringCommandsTest::staircase, Disturbance.NONE, 1), more);
    }

    private Run neighbourhood(SimulatedDevice device, String... more) {
        String[] args = {
            "profile",
            "--network",
            "resnet8",
            "--widths",
            "uniform:0.5",
            "--batch",
            "16",
            "--neighbourhood",
            "--rough",
            "--fast",
            "--store",
            store,
            "--json"
        };
        return Run.of(
                id -> device,
                device.surroundings(),
                Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray(String[]::new));
    }

    @Test
    void aNeighbourhoodIsBuiltFromAPartAndJudgedByAnother() {
        JsonNode json = neighbourhood("--held-out", "60").json("profile");
        long points = json.at("/neighbourhood/points").asLong();
        long asked = json.at("/neighbourhood/askedPoints").asLong();
        // Widths 4 to 8, 16 and 32: three passes of 5, 25, 65, 169, 377 and 841, but two of the first; and the
        // classifier.
        assertThat(points).isEqualTo(2 * 5 + 3 * (25 + 65 + 169 + 377 + 841) + 3 * 29);
        assertThat(asked).isBetween(1L, points / 4);
        assertThat(json.at("/neighbourhood/targetMet").asBoolean()).isTrue();
        assertThat(json.at("/heldOutError/asked").asInt()).isEqualTo(60);
        assertThat(json.at("/heldOutError/predicted").asInt()).isGreaterThanOrEqualTo(57);
        assertThat(json.at("/heldOutError/median/value").asDouble(1)).isLessThan(0.03);
        assertThat(json.at("/heldOutError/p95/value").asDouble(1)).isLessThan(0.10);
        double share = json.at("/neighbourhood/share/value").asDouble();
        assertThat(share)
                .isBetween(0.01, 0.5)
                .isCloseTo(
                        json.at("/neighbourhood/buildingSeconds").asDouble()
                                / json.at("/neighbourhood/exhaustiveSeconds/value")
                                        .asDouble(),
                        within(1e-9));
        // The first width below 32 that is cheaper on steps of 8.
        JsonNode last = json.at("/groups").get(json.at("/groups").size() - 1);
        assertThat(last.at("/channels").asInt()).isEqualTo(32);
        assertThat(last.at("/nextCheaper/channels").asInt()).isEqualTo(24);
        assertThat(last.at("/nextCheaper/ratio/value").asDouble()).isBetween(0.5, 0.9);

        JsonNode again = neighbourhood("--held-out", "60").json("profile");
        assertThat(again.at("/measuredPoints").asInt()).isZero();
        assertThat(again.at("/neighbourhood")).isEqualTo(json.at("/neighbourhood"));
        assertThat(again.at("/heldOutError")).isEqualTo(json.at("/heldOutError"));
        JsonNode runs = run("table", "show", "--filter", "pass=", "--json")
                .json("table-show")
                .at("/runs");
        assertThat(runs).as("nothing new was found out").hasSize(1);
        assertThat(runs.at("/0/heldOutError/unpredicted").asInt()
                        + json.at("/heldOutError/predicted").asInt())
                .isEqualTo(60);
        assertThat(run("table", "check").exit()).isZero();
    }

    @Test
    void theSampleHasNoPartInBuilding() {
        JsonNode sampled = neighbourhood("--held-out", "60").json("profile");
        store = folder.resolve("other.db").toString();
        JsonNode plain = neighbourhood("--held-out", "0").json("profile");
        assertThat(plain.at("/heldOutError/median/reason").asText()).contains("--held-out");
        assertThat(plain.at("/neighbourhood/share/reason").asText()).contains("--held-out");
        for (String what : List.of("askedPoints", "settledShare", "buildingSeconds")) {
            assertThat(plain.at("/neighbourhood/" + what)).isEqualTo(sampled.at("/neighbourhood/" + what));
        }
        JsonNode later = neighbourhood("--held-out", "60").json("profile");
        assertThat(later.at("/measuredPoints").asInt()).isEqualTo(60);
        assertThat(later.at("/heldOutError")).isEqualTo(sampled.at("/heldOutError"));
    }

    @Test
    void anotherArithmeticHasItsOwnRowsAndPeaks() {
        String[] half = {"--device", "cuda:0", "--dtype", "f16", "--layout", "nhwc"};
        JsonNode json = profile(with(half, "--json")).json("profile");
        assertThat(json.at("/arithmetic/dataType").asText()).isEqualTo("f16");
        assertThat(json.at("/arithmetic/layout").asText()).isEqualTo("nhwc");
        // The simulated device moves as many bytes a second whatever they hold.
        assertThat(json.at("/peaks/bytesPerSecond/value").asDouble()).isBetween(0.99e10, 1e10);
        assertThat(run("table", "show", "--filter", "dtype=f16 math=default layout=nhwc", "--json")
                        .json("table-show")
                        .at("/rows"))
                .hasSize(json.at("/points").asInt());
        String[] predict = {"predict", "--network", "resnet8", "--batch", "4", "--device", "cuda:0", "--json"};
        JsonNode other = run(predict).json("predict");
        assertThat(other.at("/stepSeconds/provenance").asText()).isEqualTo("UNAVAILABLE");
        JsonNode same = run(with(predict, "--dtype", "F16", "--layout", "nhwc", "--verify"))
                .json("predict");
        assertThat(same.at("/coverage/missing").asInt(1)).isZero();
        assertThat(same.at("/relativeError/value").asDouble(1)).isCloseTo(0, within(1e-6));
    }

    private static SimulatedDevice without(Predicate<Workload> kernels) {
        return new SimulatedDevice(
                w -> {
                    if (kernels.test(w)) {
                        throw new IllegalArgumentException("there is no kernel for it");
                    }
                    return staircase(w);
                },
                Disturbance.NONE,
                1);
    }

    @Test
    void whatTheDeviceRefusesIsLeftOutAndNamed() {
        SimulatedDevice device = without(w ->
                w.operation() instanceof Operation.Linear o && o.out() == 10 && o.n() == 4 && w.pass() == Pass.FORWARD);
        Run run = Run.of(id -> device, device.surroundings(), with(PROFILE, "--json", "--store", store));
        assertThat(run.exit()).isZero();
        JsonNode json = run.json("profile");
        assertThat(json.at("/warnings").toString())
                .contains("left out: linear n=4 in=64 out=10 pass=forward")
                .contains("there is no kernel for it");
        assertThat(json.at("/measuredPoints").asInt())
                .isEqualTo(json.at("/points").asInt() - 1);
        JsonNode last = json.at("/layers").get(json.at("/layers").size() - 1);
        assertThat(last.at("/name").asText()).isEqualTo("fc");
        assertThat(last.at("/share/provenance").asText()).isEqualTo("UNAVAILABLE");
        assertThat(last.at("/forwardSeconds/provenance").asText()).isEqualTo("UNAVAILABLE");
        assertThat(last.at("/backwardSeconds/value").asDouble()).isPositive();
        JsonNode step = Run.of(
                        id -> device,
                        device.surroundings(),
                        "predict",
                        "--network",
                        "resnet8",
                        "--batch",
                        "4",
                        "--store",
                        store,
                        "--json")
                .json("predict");
        assertThat(step.at("/stepSeconds/provenance").asText()).isEqualTo("UNAVAILABLE");
        assertThat(step.at("/coverage/missing").asInt()).isOne();
        String[] cut = {
            "predict", "--network", "resnet8", "--widths", "uniform:0.5", "--batch", "4", "--store", store, "--json"
        };
        assertThat(Run.of(id -> device, device.surroundings(), cut)
                        .json("predict")
                        .at("/warnings")
                        .toString())
                .contains("launches of the training step are not in the table", "launches of the inference are not")
                .contains(
                        "secateur profile --network resnet8 --widths uniform:0.5 --batch 4 --store " + store + ", or");
    }

    @Test
    void theNeighbourhoodOfWhatTheDeviceRefusesIsGivenUp() {
        SimulatedDevice device = without(w -> w.operation() instanceof Operation.Convolution o
                && o.h() == 32
                && o.stride().height() == 1
                && o.c() == 8
                && o.k() == 8);
        Run run = neighbourhood(device, "--held-out", "20");
        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode json = run.json("profile");
        assertThat(json.at("/warnings").toString())
                .contains("left out: conv2d n=16 c=8 h=32 w=32 k=8 ")
                .contains("75 points of the neighbourhood, 3 passes of layers, were given up");
        long all = 2 * 5 + 3 * (25 + 65 + 169 + 377 + 841) + 3 * 29;
        assertThat(json.at("/neighbourhood/points").asLong()).isEqualTo(all - 3 * 25);
        assertThat(json.at("/neighbourhood/askedPoints").asLong()).isPositive();
    }

    @Test
    void whatBelongsToANeighbourhoodIsRefusedWithoutIt() {
        assertThat(profile("--held-out", "10").exit()).isEqualTo(2);
        assertThat(profile("--from", "0", "--neighbourhood").exit()).isEqualTo(2);
        assertThat(profile("--batches", "0", "--neighbourhood").exit()).isEqualTo(2);
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
        JsonNode back =
                run("compare", small, "resnet8", "--of", "inference", "--json").json("compare");
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
    void aComparisonStatesItsNoiseItsControlAndWhatCountsAsSame() throws IOException {
        Path widths = Files.writeString(folder.resolve("widths.json"), "{\"conv1\": 8}");
        String[] compare = {"compare", "resnet8", "resnet8@" + widths, "--batch", "4", "--of", "inference"};
        JsonNode json = run(with(compare, "--json")).json("compare");
        assertThat(json.at("/control/valid").asBoolean()).isTrue();
        assertThat(json.at("/control/verdict").asText()).isEqualTo("SAME");
        assertThat(json.at("/material").asBoolean()).isTrue();
        assertThat(json.at("/delta").asDouble()).isEqualTo(0.01);
        assertThat(json.at("/pairNoise").asDouble(1)).isLessThan(1e-6);
        assertThat(json.at("/pValue").asDouble(1)).isLessThan(0.001);
        assertThat(json.at("/energyRatio/model").asText()).startsWith("cpu-power");
        assertThat(json.at("/energyRatio/value").asDouble())
                .isCloseTo(json.at("/ratio/value").asDouble(), within(1e-5));
        assertThat(json.at("/threads")).isEmpty();
        assertThat(run(compare).out())
                .contains("pair noise 0.00 %; SAME is within 1.00 %")
                .contains("energy: ratio ", ", modelled: cpu-power");
    }

    private static String[] with(String[] args, String... more) {
        return Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void manyCandidatesAreJudgedTogether() {
        String[] compare = {
            "compare", "resnet8", "resnet8", "resnet8@uniform:0.5", "resnet8@uniform:0.25", "--of", "inference"
        };
        JsonNode json = run(with(compare, "--json")).json("compare-many");
        assertThat(json.at("/comparisons").findValuesAsText("verdict")).containsExactly("SAME", "FASTER", "FASTER");
        assertThat(json.at("/comparisons").findValuesAsText("discovery")).containsExactly("false", "true", "true");
        assertThat(json.at("/expectedByChance").asDouble()).isCloseTo(0.15, within(1e-9));
        assertThat(run(compare).out()).contains("2 differ at a false discovery rate of 5 %");
    }

    @Test
    void onAMachineThatDiffersFromItselfTheRunIsInvalid() {
        SimulatedDevice noisy = new SimulatedDevice(w -> 1e-3, Disturbance.NONE.withNoise(0.5), 1);
        String workload = "activation n=4 c=16 h=32 w=32 kind=relu pass=forward dtype=f32 math=default layout=nchw";
        Run run = Run.of(id -> noisy, noisy.surroundings(), "compare", workload, workload, "--strict", "--json");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.json("compare").at("/control/valid").asBoolean(true)).isFalse();
        assertThat(run.json("compare").at("/reasons").toString())
                .contains("against itself")
                .contains("INVALID");
        Run profile = Run.of(id -> noisy, noisy.surroundings(), with(PROFILE, "--rough", "--json", "--store", store));
        assertThat(profile.json("profile").at("/warnings").toString()).contains("points are flagged INVALID");
    }

    @Test
    void whatInvalidRowsPredictAndAnInvalidStepVerifiesIsToldAsSuch() {
        SimulatedDevice noisy = new SimulatedDevice(w -> 1e-3, Disturbance.NONE.withNoise(0.5), 1);
        String[] network = {"--network", "resnet8", "--batch", "4", "--json", "--store", store};
        Run.of(id -> noisy, noisy.surroundings(), with(PROFILE, "--rough", "--store", store));
        JsonNode predicted = Run.of(id -> noisy, noisy.surroundings(), with(new String[] {"predict"}, network))
                .json("predict");
        int launches = predicted.at("/coverage/exact").asInt();
        assertThat(predicted.at("/warnings").toString())
                .contains(launches + " of " + launches + " launches of the training step rest on rows flagged INVALID")
                .contains("launches of the inference rest on rows flagged INVALID")
                .doesNotContain("against itself");
        assertThat(predicted.at("/stepSeconds/flags").toString()).contains("INVALID");
        assertThat(predicted.at("/perLayer/0/seconds/flags").toString()).contains("INVALID");
        JsonNode verified = Run.of(
                        id -> noisy, noisy.surroundings(), with(new String[] {"predict", "--verify"}, network))
                .json("predict");
        assertThat(verified.at("/warnings").toString()).contains("against itself");
        assertThat(verified.at("/measuredSeconds/flags").toString()).contains("INVALID");
        JsonNode trial = Run.of(
                        id -> noisy,
                        noisy.surroundings(),
                        with(new String[] {"predict", "--verify", "--prunings", "1", "--fit", "0"}, network))
                .json("predict-prunings");
        assertThat(trial.at("/warnings").toString()).contains("against itself");
        assertThat(trial.at("/prunings/0/measuredSeconds/flags").toString()).contains("INVALID");
    }

    @Test
    void hotTimesStandBesideTheColdOnes() {
        JsonNode cold = profile("--json").json("profile");
        JsonNode both = profile("--hot", "--json").json("profile");
        int own = cold.at("/points").asInt() - Roofline.references().size();
        assertThat(both.at("/points").asInt()).isEqualTo(cold.at("/points").asInt() + own);
        assertThat(both.at("/measuredPoints").asInt()).isEqualTo(own);
        assertThat(both.at("/layers")).isEqualTo(cold.at("/layers"));
        assertThat(run("table", "show", "--filter", "pass=forward").out())
                .contains("HOT")
                .contains("COLD");
    }

    @Test
    void aTableIsCheckedAgainstItsSamplesAndATamperedOneIsFound() throws IOException {
        profile();
        JsonNode whole = run("table", "check", "--json").json("table-check");
        assertThat(whole.at("/mismatches")).isEmpty();
        assertThat(whole.at("/numbers").asInt())
                .isGreaterThan(7 * whole.at("/rows").asInt() - 1);
        Path file = folder.resolve("costs.json");
        run("table", "export", "--out", file.toString());
        ObjectNode table = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        ObjectNode time = (ObjectNode) table.at("/rows/1/timeSeconds");
        time.put("high", 1.5 * time.get("high").asDouble());
        Files.writeString(file, table.toString());

        Run run = run("table", "check", file.toString(), "--json");

        assertThat(run.exit()).isEqualTo(1);
        JsonNode mismatches = run.json("table-check").at("/mismatches");
        assertThat(mismatches.findValuesAsText("field")).containsExactly("timeSeconds.high", "energyJoules.high");
        assertThat(mismatches.at("/0/workload").asText())
                .isEqualTo(table.at("/rows/1/workload").asText());
        assertThat(run("table", "check", file.toString()).out())
                .contains("2 differ")
                .contains("timeSeconds.high");

        run("table", "export", "--out", file.toString());
        assertThat(lies(file, t -> {
                    ((ArrayNode) t.at("/rows/1/flags")).add("WIDE");
                    ((ArrayNode) t.at("/rows/1/timeSeconds/flags")).add("WIDE");
                }))
                .containsExactly("flags");
        assertThat(lies(file, t -> ((ObjectNode) t.at("/rows/1/after")).put("measuredBlocks", 99)))
                .containsExactly("after.measuredBlocks");
        assertThat(lies(file, t -> ((ObjectNode) t.at("/runs/0/control")).put("verdict", "SLOWER")))
                .contains("runs[0].control.verdict", "flags");
    }

    /** The fields that a check reports once something in a table or comparison has been changed. */
    private List<String> lies(Path file, Consumer<JsonNode> change) throws IOException {
        JsonNode document = new ObjectMapper().readTree(file.toFile());
        change.accept(document);
        Path changed = Files.writeString(folder.resolve("changed.json"), document.toString());
        Run run = run("table", "check", changed.toString(), "--json");
        JsonNode mismatches = run.json("table-check").at("/mismatches");
        assertThat(run.exit()).isEqualTo(mismatches.isEmpty() ? 0 : 1);
        return mismatches.findValuesAsText("field");
    }

    @Test
    void aComparisonIsComputedAgainFromItsPairs() throws IOException {
        Path widths = Files.writeString(folder.resolve("widths.json"), "{\"conv1\": 8}");
        String[] compare = {"compare", "resnet8", "resnet8@" + widths, "--batch", "4", "--json"};
        Path file = folder.resolve("comparison.json");
        JsonNode json = run(compare).json("compare");
        Files.writeString(file, json.toString());
        assertThat(json.at("/pairSeconds")).hasSize(20);
        assertThat(json.at("/pairSeconds").findValuesAsText("first")).contains("BASELINE", "CANDIDATE");
        assertThat(run("table", "check", file.toString()).out()).endsWith("all as published\n");
        assertThat(lies(file, t -> {})).isEmpty();
        assertThat(lies(file, t -> ((ObjectNode) t).put("verdict", "SAME"))).contains("verdict", "material");
        assertThat(lies(file, t -> ((ObjectNode) t).put("material", false))).containsExactly("material");
        assertThat(lies(file, t -> ((ObjectNode) t).put("delta", 0.02))).containsExactly("delta");
        assertThat(lies(file, t -> ((ObjectNode) t.at("/ratio")).put("low", 0.01)))
                .containsExactly("ratio.low");
        assertThat(lies(file, t -> ((ObjectNode) t.at("/candidate/seconds")).put("blocks", 7)))
                .containsExactly("candidate.seconds.blocks");
        assertThat(lies(file, t -> ((ObjectNode) t.at("/control")).put("valid", false)))
                .containsExactly("control.valid");

        Files.writeString(file, run(with(compare, "resnet8")).out());
        assertThat(lies(file, t -> {})).isEmpty();
        assertThat(lies(file, t -> ((ObjectNode) t.at("/comparisons/1")).put("adjustedPValue", 0.9)))
                .containsExactly("comparisons[1].adjustedPValue");
        assertThat(lies(file, t -> ((ObjectNode) t.at("/comparisons/0")).put("discovery", false)))
                .containsExactly("comparisons[0].discovery");

        ((ObjectNode) json).remove("pairSeconds");
        Files.writeString(file, json.toString());
        Run without = run("table", "check", file.toString());
        assertThat(without.exit()).isEqualTo(2);
        assertThat(without.err()).contains("pairSeconds is missing");
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
    void aTableTravelsAsJsonAndIsReadOnAnotherMachine() throws IOException {
        profile();
        String file = folder.resolve("out/costs.json").toString();
        run("table", "export", "--out", file, "--json").json("table-export");
        assertThat(Run.problems(Files.readString(Path.of(file)), "table")).isEmpty();
        String elsewhere = folder.resolve("other.db").toString();
        Run imported = Run.withoutDevice("table", "import", file, "--store", elsewhere, "--json");
        JsonNode json = imported.json("table-import");
        assertThat(json.at("/newRows").asInt())
                .isEqualTo(json.at("/rows").asInt())
                .isPositive();
        JsonNode again = Run.withoutDevice("table", "import", file, "--store", elsewhere, "--json")
                .json("table-import");
        assertThat(again.at("/newRows").asInt(1)).isZero();
        String[] show = {"table", "show", "--filter", "pass=", "--json", "--store"};
        JsonNode shown = Run.withoutDevice(with(show, elsewhere)).json("table-show");
        assertThat(shown.at("/runs")).hasSize(1);
        assertThat(shown.at("/rows/0/run").asInt(-1)).isZero();
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
