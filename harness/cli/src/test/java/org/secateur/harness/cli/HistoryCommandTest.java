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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.store.RunStatus;
import org.secateur.results.store.Store;

/** What was measured in many nights, with a noise of 0.5 %. */
final class HistoryCommandTest {
    private static final Instant FIRST = Instant.parse("2025-03-01T00:00:00Z");
    private static final Map<String, String> HERE = Map.of("device", "Test 9000", "driver", "1");
    private static final Map<String, String> RENEWED = Map.of("device", "Test 9000", "driver", "2");

    @TempDir
    Path folder;

    private Path store = Path.of("");

    @BeforeEach
    void name() {
        store = folder.resolve("secateur.db");
    }

    private Run history(String... args) {
        return Run.withoutDevice(Stream.concat(Stream.of("history", "--store", store.toString()), Stream.of(args))
                .toArray(String[]::new));
    }

    private static Instant night(int number) {
        return FIRST.plus(number, ChronoUnit.DAYS);
    }

    /** A table with one row of 10 features, as it is measured in that night. */
    private static CostTable table(
            Map<String, String> identity, int night, double seconds, Quantity joules, String algorithm, Flag... flags) {
        return CostTable.of(
                "Test 9000",
                Fingerprint.of(identity, Map.of("toolVersion", night < 12 ? "1" : "2")),
                List.of(new Measurement(
                        WorkloadKey.cold(Workload.of(new Operation.Linear(8, 16, 10), Pass.FORWARD)),
                        new Variant(algorithm, 0, true),
                        Quantity.measured(new Estimate(seconds, seconds * 0.99, seconds * 1.01, 0.95, 9)),
                        joules,
                        List.of(),
                        Map.of(),
                        Conditions.NONE,
                        Conditions.NONE,
                        Set.of(flags),
                        night(night))));
    }

    private void nights(int from, int to, IntToDoubleFunction seconds) {
        Random random = new Random(1);
        try (Store opened = Store.open(store)) {
            for (int night = from; night < to; night++) {
                double noisy = seconds.applyAsDouble(night) * Math.exp(0.005 * random.nextGaussian());
                opened.add(table(HERE, night, noisy, Quantity.modelled(Estimate.exact(65 * noisy), "65 W"), "direct"));
            }
        }
    }

    @Test
    void aSlowDownOfARowIsFoundToldAndFailsAStrictBuild() {
        nights(0, 20, night -> night < 12 ? 2e-3 : 2.1e-3);

        JsonNode json = history("--json").json("history");

        assertThat(json.at("/series")).hasSize(1); // modelled joules are none
        JsonNode series = json.at("/series/0");
        assertThat(series.at("/subject").asText()).startsWith("linear").endsWith(" COLD");
        assertThat(series.at("/quantity").asText()).isEqualTo("timeSeconds");
        assertThat(series.at("/points")).hasSize(20);
        assertThat(series.at("/points/3/measuredAt").asText()).isEqualTo("2025-03-04T00:00:00Z");
        assertThat(series.at("/noise").asDouble()).isBetween(0.002, 0.008);
        JsonNode change = series.at("/changes/0");
        assertThat(change.at("/at").asInt()).isEqualTo(12);
        assertThat(change.at("/before").asInt()).isEqualTo(11);
        assertThat(change.at("/direction").asText()).isEqualTo("SLOWER");
        assertThat(change.at("/material").asBoolean()).isTrue();
        assertThat(change.at("/ratio/value").asDouble()).isCloseTo(1.05, within(0.01));
        assertThat(change.at("/context/toolVersion").asText()).isEqualTo("1 / 2");
        Run strict = history("--strict");
        assertThat(strict.exit()).isEqualTo(1);
        assertThat(strict.out())
                .contains("SLOWER: timeSeconds of linear ", "since 2025-03-13T00:00:00Z", "toolVersion 1 / 2");
        assertThat(history().exit()).isZero();
        assertThat(history("--strict", "--since", "2025-03-13").exit()).isZero();
        assertThat(history("--strict", "--since", "2025-03-06T00:00:00Z").exit())
                .isEqualTo(1);
        assertThat(history("--strict", "--filter", "pass=backward").exit()).isZero();
        assertThat(history("--since", "Monday").exit()).isEqualTo(2);
    }

    @Test
    void whatBecameFasterOrIsSteadyFailsNothing() {
        nights(0, 20, night -> night < 12 ? 2e-3 : 1.9e-3);
        Run faster = history("--strict");
        assertThat(faster.exit()).isZero();
        assertThat(faster.out()).contains("FASTER");
    }

    @Test
    void aSteadySeriesHasNoChangeAndASuddenPointIsUndecided() {
        nights(0, 20, night -> 2e-3);
        JsonNode steady = history("--json").json("history");
        assertThat(steady.at("/series/0/changes")).isEmpty();
        assertThat(steady.at("/series/0/newest/unusual").asBoolean(true)).isFalse();
        assertThat(history("--strict").exit()).isZero();

        nights(20, 21, night -> 2.2e-3);
        Run sudden = history("--strict");
        assertThat(sudden.exit()).isEqualTo(4);
        assertThat(sudden.out()).contains("unusual: the newest point of timeSeconds");

        try (Store opened = Store.open(store)) {
            opened.add(table(HERE, 21, 2e-3, Quantity.unavailable("no counter"), "direct", Flag.INVALID));
        }
        Run invalid = history("--strict");
        assertThat(invalid.exit()).isEqualTo(3);
        assertThat(invalid.out()).contains("1 points are INVALID or IMPLAUSIBLE and were left out");
    }

    @Test
    void anotherFingerprintIsAnotherSeriesUnlessAsked() {
        nights(0, 10, night -> 2e-3);
        try (Store opened = Store.open(store)) {
            Random random = new Random(2);
            for (int night = 10; night < 20; night++) {
                double seconds = 3e-3 * Math.exp(0.005 * random.nextGaussian());
                opened.add(table(
                        RENEWED,
                        night,
                        seconds,
                        Quantity.measured(Estimate.exact(seconds)),
                        night < 15 ? "direct" : "winograd"));
            }
        }

        assertThat(history("--strict").exit()).isZero();
        assertThat(history("--json").json("history").at("/series"))
                .hasSize(3)
                .allSatisfy(series -> assertThat(series.at("/changes")).isEmpty());
        JsonNode across = history("--across", "--json").json("history");
        assertThat(across.at("/series")).hasSize(2);
        JsonNode change = across.at("/series/0/changes/0");
        assertThat(change.at("/ratio/value").asDouble()).isCloseTo(1.5, within(0.02));
        assertThat(change.at("/context/driver").asText()).isEqualTo("1 / 2");
        assertThat(change.at("/context/fingerprint").asText()).contains(" / ");
        assertThat(change.at("/context").has("algorithm")).isFalse();
        assertThat(history("--across", "--strict").exit()).isEqualTo(2);
    }

    @Test
    void exportsOfOneStoreRepeatRowsThatAreOnePoint() {
        nights(0, 2, night -> 2e-3);
        export("b.json");
        nights(2, 3, night -> 2e-3);
        export("a.json");
        export("c.json");

        JsonNode json = history(folder.toString(), "--json").json("history");
        assertThat(json.at("/series/0/points")).hasSize(2);
        assertThat(json.at("/series/0/points/0/source").asText()).endsWith("b.json"); // by their time
        assertThat(json.at("/series/0/points/1/source").asText()).endsWith("a.json");
        JsonNode twice = history(
                        folder.resolve("a.json").toString(),
                        folder.resolve("a.json").toString(),
                        "--json")
                .json("history");
        assertThat(twice.at("/series")).isEmpty();
        assertThat(twice.at("/singlePointSeries").asInt()).isEqualTo(1);
    }

    private void export(String name) {
        assertThat(Run.withoutDevice(
                                "table",
                                "export",
                                "--store",
                                store.toString(),
                                "--out",
                                folder.resolve(name).toString())
                        .exit())
                .isZero();
    }

    @Test
    void comparisonsOfManyNightsAreSeriesInTheOrderOfTheirFiles() throws IOException {
        ObjectNode document = (ObjectNode)
                Run.simulated("compare", "resnet8", "resnet8@uniform:0.5", "--batch", "2", "--pairs", "6", "--json")
                        .json("compare");
        Path nights = Files.createDirectory(folder.resolve("nights"));
        Random random = new Random(3);
        for (int night = 0; night < 20; night++) {
            double ratio = (night < 10 ? 0.6 : 0.7) * Math.exp(0.005 * random.nextGaussian());
            ((ObjectNode) document.get("ratio"))
                    .put("value", ratio)
                    .put("low", ratio * 0.99)
                    .put("high", ratio * 1.01);
            Files.writeString(nights.resolve("night%02d.json".formatted(night)), document.toString());
        }

        Run strict = history("--strict", "--filter", " ratio", "--json", nights.toString());

        assertThat(strict.exit()).isEqualTo(1);
        JsonNode series = strict.json("history").at("/series");
        assertThat(series).hasSize(1);
        assertThat(series.at("/0/subject").asText()).isEqualTo("compare resnet8 resnet8@uniform:0.5 of=step batch=2");
        assertThat(series.at("/0/changes/0/at").asInt()).isEqualTo(10);
        assertThat(series.at("/0/points/0/measuredAt/provenance").asText()).isEqualTo("UNAVAILABLE");
        assertThat(series.at("/0/points/0/source").asText()).endsWith("night00.json");
        ((ObjectNode) document.get("control")).put("valid", false);
        Files.writeString(nights.resolve("night99.json"), document.toString());
        assertThat(history("--json", nights.toString())
                        .json("history")
                        .at("/series/0/leftOut")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void runsInTheStoreAreSeriesByAllThatTheirNamesTell() throws IOException {
        String printed = Run.simulated(
                        "compare", "resnet8", "resnet8@uniform:0.5", "--batch", "2", "--pairs", "6", "--json")
                .out();
        ObjectNode run = (ObjectNode) new ObjectMapper().readTree(printed);
        run.put("command", "prune")
                .put("network", "resnet8")
                .put("data", "shapes")
                .put("epochs", 3)
                .put("batch", 128);
        run.put("inferenceBatch", 1).put("seed", 1);
        run.putObject("budget").put("text", "train-step=0.6");
        run.putObject("arithmetic").put("dataType", "f32").put("layout", "nchw");
        ObjectNode step = (ObjectNode) run.get("ratio");
        JsonNode missing = new ObjectMapper().readTree("{\"provenance\":\"UNAVAILABLE\",\"reason\":\"none\"}");
        ObjectNode arm = run.putObject("dense");
        List.of("latencySeconds", "trainSeconds", "energyJoules").forEach(field -> arm.set(field, missing));
        arm.set("stepSeconds", step);
        run.set("pruned", arm);
        run.putObject("comparison").<ObjectNode>set("stepRatio", step).set("latencyRatio", missing);
        try (Store opened = Store.open(store)) {
            for (int night = 11; night >= 0; night--) {
                run.put("seed", night == 5 ? 2 : 1);
                ArrayNode flags = step.putArray("flags");
                if (night == 6) {
                    flags.add("INVALID");
                }
                opened.runs()
                        .save(new org.secateur.results.store.Run(
                                "prune-" + night,
                                "prune",
                                new TreeMap<>(),
                                1,
                                List.of(),
                                night(night),
                                RunStatus.RUNNING));
                if (night != 7) {
                    opened.runs().finish("prune-" + night, RunStatus.DONE, run.toString());
                }
            }
        }

        JsonNode json = history("--filter", "stepRatio", "--json").json("history");

        assertThat(json.at("/series")).hasSize(1);
        assertThat(json.at("/series/0/subject").asText())
                .isEqualTo("prune network=resnet8 data=shapes epochs=3 batch=128 inferenceBatch=1 seed=1 dataType=f32"
                        + " layout=nchw budget=train-step=0.6");
        assertThat(json.at("/series/0/points")).hasSize(10);
        assertThat(json.at("/series/0/points/0/measuredAt").asText()).isEqualTo("2025-03-01T00:00:00Z");
        assertThat(json.at("/series/0/points/0/source").asText()).isEqualTo("prune-0");
        assertThat(json.at("/series/0/leftOut").asInt()).isEqualTo(1);
        assertThat(json.at("/singlePointSeries").asInt()).isEqualTo(1);
        assertThat(json.at("/warnings/0").asText()).contains("1 of 1 series have fewer than the 10 points");
        assertThat(history().out()).contains("stepRatio of prune network=resnet8");
    }

    @Test
    void aProfileMeasuresAgainWhatIsThere() {
        String[] profile = {
            "profile", "--network", "resnet8", "--batch", "2", "--rough", "--store", store.toString(), "--json"
        };
        int points =
                Run.simulated(profile).json("profile").at("/measuredPoints").asInt();
        String[] again = Stream.concat(Stream.of(profile), Stream.of("--again")).toArray(String[]::new);
        assertThat(Run.simulated(again).json("profile").at("/measuredPoints").asInt())
                .isEqualTo(points);
        JsonNode json = history("--json").json("history");
        assertThat(json.at("/series")).hasSize(points);
        assertThat(json.at("/singlePointSeries").asInt()).isZero();
    }

    @Test
    void whatHasNoHistoryIsRefused() throws IOException {
        assertThat(history().exit()).isEqualTo(2);
        Path other = folder.resolve("other.json");
        Files.writeString(
                other, Run.withoutDevice("network", "resnet8", "--json").out());
        Run refused = history(other.toString(), "--json");
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.json("error").at("/error/what").asText()).contains("secateur network");
        assertThat(history(Files.createDirectory(folder.resolve("empty")).toString())
                        .exit())
                .isEqualTo(2);
        assertThat(history(folder.resolve("absent.json").toString()).exit()).isEqualTo(2);
    }

    @Test
    void whereNothingWasMeasuredTwiceThatIsSaid() {
        nights(0, 1, night -> 2e-3);
        Run once = history("--strict");
        assertThat(once.exit()).isZero();
        assertThat(once.out()).startsWith("nothing was measured twice: 1 series of one point");
    }
}
