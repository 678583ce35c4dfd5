package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.harness.cli.RunExecution.RunFiles;
import org.secateur.harness.loop.ArmResult;
import org.secateur.harness.loop.Comparison;
import org.secateur.harness.loop.EpochPoint;
import org.secateur.harness.loop.LayoutChoice;
import org.secateur.harness.loop.LayoutChoice.By;
import org.secateur.harness.loop.PlanRecord;
import org.secateur.harness.loop.PlanRecord.Decision;
import org.secateur.harness.loop.PlanRecord.Removal;
import org.secateur.harness.loop.PruningSettings;
import org.secateur.harness.loop.RunDirectory;
import org.secateur.harness.loop.RunResult;
import org.secateur.harness.loop.RunSettings;
import org.secateur.harness.loop.TimeAccount.Part;
import org.secateur.harness.loop.TrainingSettings;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSet;
import org.secateur.models.core.data.Normalisation;
import org.secateur.models.core.graph.Counts;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.pruning.Budget;
import org.secateur.models.core.training.Distillation;
import org.secateur.models.core.training.Recipe;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Verdict;
import org.secateur.results.report.ReportData;
import org.secateur.results.store.RunEvent;
import org.secateur.results.store.RunLog;
import org.secateur.results.store.RunStatus;
import org.secateur.results.store.Store;
import org.secateur.results.store.StoredPlan;

/** The documents of {@code run}, {@code prune}, {@code train} and {@code report}, and what the report says of plans. */
final class RunDocumentTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Network NETWORK = Zoo.network("resnet8", Optional.of(new Shape(1, 8, 8)), OptionalInt.of(2));
    private static final Network SMALL =
            Surgery.shrink(NETWORK, Map.of("layer1.0.conv1", new int[] {0, 1, 2, 3, 4, 5, 6, 7}));
    /** Names that the user's network or machine gives, not the schema. */
    private static final List<String> FREE = List.of("/widths/", "/outputChannels/", "/identity/", "/context/");

    @TempDir
    Path folder;

    private final SimulatedDevice device = new SimulatedDevice(w -> 1e-3, Disturbance.NONE, 1);
    private Path store = Path.of("secateur.db");
    private Set<Flag> denseFlags = Set.of();
    private Set<Flag> prunedFlags = Set.of();

    @BeforeEach
    void name() {
        store = folder.resolve("secateur.db");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "prune", "train"})
    void theDocumentIsWhatItsSchemaSays(String command) {
        JsonNode json = new Run(0, document(command), "").json("run");
        assertThat(json.at("/command").asText()).isEqualTo(command);
        assertThat(json.has("plans")).isEqualTo(!command.equals("train"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "prune", "train"})
    void everyFieldIsAskedForAndNoOtherIsLetIn(String command) throws IOException {
        JsonNode whole = MAPPER.readTree(document(command));
        List<String> objects = new ArrayList<>();
        objects(whole, "", objects);
        assertThat(objects).contains("", "/dense/macs", "/dense/trainSecondsParts", "/files");
        for (String path : objects) {
            JsonNode unknown = whole.deepCopy();
            ((ObjectNode) unknown.at(path)).put("colour", "red");
            assertThat(problems(unknown)).as("a colour in %s", path).isNotEmpty();
            for (Map.Entry<String, JsonNode> field : whole.at(path).properties()) {
                JsonNode less = whole.deepCopy();
                ((ObjectNode) less.at(path)).remove(field.getKey());
                boolean optional = field.getKey().equals("costMeasured");
                assertThat(problems(less).isEmpty())
                        .as("%s without %s", path, field.getKey())
                        .isEqualTo(optional);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/schema, 2",
        "/command, '\"predict\"'",
        "/command, '\"train\"'",
        "/seed, '\"one\"'",
        "/epochs, 0",
        "/dense/macs/total, -1",
        "/dense/trainSeconds, -0.5",
        "/dense/top1/confidence, 1",
        "/dense/history/0/epoch, 0",
        "/dense/widths/conv1, -1",
        "/pruned/stepSeconds, 0.012",
        "/comparison/verdict, '\"BETTER\"'",
        "/budget/missed, '\"no\"'",
        "/arithmetic/layout, '\"chwn\"'",
        "/layoutChoice/by, '\"LUCK\"'",
        "/layoutChoice/seconds, -1",
        "/plans/0/decision, '\"MAYBE\"'",
        "/plans/0/unit, '\"hours\"'",
        "/plans/0/correction, 0",
        "/plans/0/removals/0/after, -1"
    })
    void aWrongValueIsFound(String path, String value) throws IOException {
        JsonNode json = MAPPER.readTree(document("run"));
        int slash = path.lastIndexOf('/');
        ObjectNode parent = (ObjectNode) json.at(path.substring(0, slash));
        String field = path.substring(slash + 1);
        assertThat(parent.has(field)).as("%s in the document", path).isTrue();
        parent.set(field, MAPPER.readTree(value));
        assertThat(problems(json)).isNotEmpty();
    }

    /** The fixture: step 0.62 [0.6, 0.65] of dense and 12.5 ms, inference 0.7 [0.66, 0.72] and 2 ms, 0.4 J each. */
    @ParameterizedTest
    @CsvSource({
        "none, false",
        "train-step=0.6, false",
        "train-step=0.55, true",
        "train-step=12ms, false",
        "train-step=11ms, true",
        "latency=0.65, false",
        "latency=0.6, true",
        "latency=2ms, false",
        "latency=1ms, true",
        "energy=1, false",
        "energy=0.9, true",
        "energy=0.4J, false",
        "energy=0.3J, true",
        "macs=1, false",
        "macs=0.01, true",
        "macs=1K, true",
        "params=1, false",
        "params=0.01, true"
    })
    void aBudgetIsMissedBeyondFivePercentAndTheInterval(String budget, boolean missed) throws IOException {
        JsonNode json = MAPPER.readTree(document("run", budget));
        assertThat(json.at("/budget/missed").asBoolean()).isEqualTo(missed);
        assertThat(json.at("/warnings")).hasSize(missed ? 1 : 0);
    }

    /** A step of two modes has no number, so that nobody can say whether it kept its budget. */
    @Test
    void aBudgetThatCannotBeJudgedIsNotTakenAsKept() throws IOException {
        RunDocument run = run("run", "train-step=12ms", 0.024, Quantity.unavailable("two modes"));
        JsonNode json = MAPPER.readTree(Json.write(run.json()));
        assertThat(problems(json)).isEmpty();
        assertThat(json.at("/budget/missed/provenance").asText()).isEqualTo("UNAVAILABLE");
        assertThat(json.at("/budget/missed/reason").asText()).isEqualTo("two modes");
        assertThat(json.at("/warnings")).hasSize(1);
        assertThat(json.at("/warnings/0").asText()).contains("was kept is unknown: two modes");
        assertThat(RunSummary.text(run)).contains("warning: whether the budget train-step=0.012s was kept is unknown");
        assertThat(RunExecution.strictly(run)).isEqualTo(ExitCode.UNDECIDED);
        assertThat(RunExecution.strictly(run("run", "train-step=11ms", 0.024, measured(0.0125))))
                .isEqualTo(ExitCode.FAILED);
        assertThat(RunExecution.strictly(run("run", "train-step=12ms", 0.024, measured(0.0125))))
                .isEqualTo(ExitCode.DONE);
        assertThat(RunExecution.strictly(run("run", "none", 0.024, Quantity.unavailable("two modes"))))
                .isEqualTo(ExitCode.DONE);
    }

    /** Even a missed budget is no verdict then. */
    @Test
    void onAMachineThatIsNotTheSameAsItselfNothingIsJudged() {
        denseFlags = Set.of(Flag.INVALID);
        RunDocument run = run("run", "train-step=11ms", 0.024, measured(0.0125));
        assertThat(RunExecution.strictly(run)).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(RunSummary.verdict(run)).endsWith(" (INVALID: the machine was not the same as itself)");
        assertThat(RunSummary.text(run).lines()).hasSizeLessThanOrEqualTo(12);
    }

    @Test
    void aBudgetThatTakesMoreThanTheCapsWarns() throws IOException {
        assertThat(MAPPER.readTree(document("run", "train-step=0.6", 0.048))
                        .at("/warnings/0")
                        .asText())
                .isEqualTo("the budget took 6.0 % of the saliency, more than the 5.0 % that a run may without one");
        assertThat(MAPPER.readTree(document("run", "none", 0.048)).at("/warnings"))
                .isEmpty();
    }

    @Test
    void aReportWrittenAgainTellsWhere() throws IOException {
        Run.simulated("profile", "--network", "resnet8", "--batch", "2", "--store", store.toString());
        try (RunDirectory directory = RunDirectory.open(folder, "run-resnet8-dots", false)) {
            Files.writeString(directory.file(RunExecution.RESULT), document("run"));
            directory.finish();
        }
        Path run = folder.resolve("run-resnet8-dots");
        Run report = Run.withoutDevice("report", run.toString(), "--json");
        JsonNode json = report.json("report");
        assertThat(json.at("/files/report").asText())
                .isEqualTo(run.resolve("report.html").toString());
        assertThat(run.resolve("report.html")).isNotEmptyFile();
        ((ObjectNode) json).remove("files");
        assertThat(Run.problems(json.toString(), "report")).isNotEmpty();
        assertThat(Run.problems(report.out(), "run")).isNotEmpty();
    }

    @Test
    void aRunThatMeasuredNoLayerIsReportedToo() throws IOException {
        Store.open(store).close();
        try (RunDirectory directory = RunDirectory.open(folder, "train-resnet8-dots", false)) {
            Files.writeString(directory.file(RunExecution.RESULT), document("train"));
            directory.finish();
        }
        Run report =
                Run.withoutDevice("report", folder.resolve("train-resnet8-dots").toString(), "--json");
        report.json("report");
        assertThat(report.err()).contains("no costs of the run's device");
        assertThat(folder.resolve("train-resnet8-dots/report.html")).isNotEmptyFile();
    }

    @Test
    void theReportHasTopFiveWhereItSaysSomething() throws IOException {
        ObjectNode json = (ObjectNode) MAPPER.readTree(document("run"));
        assertThat(results(json)).startsWith("top-1", "top-5", "training step");
        for (String arm : List.of("dense", "pruned")) {
            ((ObjectNode) json.required(arm))
                    .set("top5", MAPPER.valueToTree(Map.of("provenance", "UNAVAILABLE", "reason", "two classes")));
        }
        assertThat(problems(json)).isEmpty();
        assertThat(results(json)).startsWith("top-1", "training step");
    }

    private static List<String> results(JsonNode json) {
        return RunReport.of(json.toString(), "a test", Map.of()).results().stream()
                .map(ReportData.Result::name)
                .toList();
    }

    @Test
    void aPlanByJoulesNamesTheModelThatToldThem() throws IOException {
        ObjectNode json = (ObjectNode) MAPPER.readTree(document("run"));
        ((ObjectNode) json.at("/plans/0")).put("unit", "joules").put("model", "accesses");
        assertThat(problems(json)).isEmpty();
        ReportData.Plan plan =
                RunReport.of(json.toString(), "a test", Map.of()).plans().get(0);
        assertThat(plan.costPredicted()).isEqualTo(Quantity.modelled(Estimate.exact(0.012), "accesses"));
        assertThat(plan.costMeasured()).isEqualTo(Quantity.modelled(Estimate.exact(0.0125), "accesses"));
    }

    @Test
    void theReportSaysInWordsWhatEachPlanChanges() {
        List<ReportData.Plan> plans =
                RunReport.of(document("run"), "a test", Map.of()).plans();
        assertThat(plans.get(0).changes())
                .containsExactly(
                        "conv1: 16 to 12 channels (all that go are empty), 0.00 % of the saliency",
                        "layer1.0.conv1: 16 to 8 channels (3 that go are empty), 1.20 % of the saliency",
                        "layer2.0.conv1: the whole branch goes, 32 channels, 2.40 % of the saliency",
                        "in all 3.60 % of the saliency");
        assertThat(plans.get(0).decision()).isEqualTo("accepted");
        assertThat(plans.get(0).costPredicted()).isEqualTo(Quantity.derived(Estimate.exact(0.012)));
        // The ratio of some pairs, times dense's first measurement.
        assertThat(plans.get(0).costMeasured()).isEqualTo(Quantity.derived(Estimate.exact(0.0125)));
        assertThat(plans.get(1).changes()).isEmpty();
        assertThat(plans.get(1).reason()).isEqualTo("nothing to remove");
        assertThat(plans.get(1).costMeasured()).isEqualTo(Quantity.unavailable("nothing was changed"));
    }

    /** The first plan was made at 20 ms for dense, the last accepted one predicted 12 ms; dense took 25 ms at the end. */
    @Test
    void thePredictionIsAShareOfDenseAsMeasuredAtTheEndAndHasNoInterval() throws IOException {
        JsonNode predicted = MAPPER.readTree(document("run")).at("/predicted/stepSeconds");
        assertThat(predicted.at("/value").asDouble()).isCloseTo(0.015, within(1e-12));
        assertThat(predicted.at("/low")).isEqualTo(predicted.at("/value"));
        assertThat(predicted.at("/high")).isEqualTo(predicted.at("/value"));
        assertThat(predicted.at("/confidence").asDouble(1)).isZero();
        assertThat(predicted.at("/provenance").asText()).isEqualTo("DERIVED");
    }

    @Test
    void theFlagsOfTheFinalMeasurementsAreTold() throws IOException {
        denseFlags = Set.of(Flag.CONTENDED);
        prunedFlags = Set.of(Flag.INVALID, Flag.WIDE);
        JsonNode json = MAPPER.readTree(document("run"));
        assertThat(json.at("/dense/stepSeconds/flags").toString()).isEqualTo("[\"CONTENDED\"]");
        assertThat(json.at("/pruned/stepSeconds/flags").toString()).isEqualTo("[\"WIDE\",\"INVALID\"]");
        assertThat(json.at("/pruned/energyJoules/flags").toString()).isEqualTo("[\"WIDE\",\"INVALID\"]");
        assertThat(json.at("/pruned/latencySeconds/flags")).isEmpty();
        assertThat(json.at("/comparison/stepRatio/flags").toString()).isEqualTo("[\"WIDE\",\"CONTENDED\",\"INVALID\"]");
        assertThat(json.at("/comparison/latencyRatio/flags")).isEmpty();
        assertThat(json.at("/warnings/0").asText())
                .isEqualTo("the final measurement of the training step is flagged WIDE, CONTENDED, INVALID");
        assertThat(problems(json)).isEmpty();
    }

    /** With every option that a command line may leave out. */
    @Test
    void theSettingsAreToldAndHaveTheirPlaceInTheSchema() throws IOException {
        Distillation teacher = new Distillation(NETWORK, new Initializer(9).initialize(NETWORK), 4, 0.9);
        TrainingSettings training = new TrainingSettings(
                30,
                64,
                0.2,
                0.9,
                5e-4,
                TrainingSettings.ScheduleKind.ONE_CYCLE,
                1,
                0,
                new Recipe(0.1, OptionalDouble.of(5), Optional.of(teacher)));
        PruningSettings pruning = new PruningSettings(
                new Budget.None(),
                PruningSettings.CostKind.MACS,
                PruningSettings.Objective.MIX,
                0.5,
                0.01,
                0.1,
                OptionalDouble.of(0.25),
                OptionalDouble.of(1e-4),
                OptionalInt.of(3),
                5,
                0.2);
        ObjectNode json = (ObjectNode) MAPPER.readTree(document("run"));
        json.set("training", MAPPER.valueToTree(SettingsJson.training(training)));
        json.set("pruning", MAPPER.valueToTree(SettingsJson.pruning(pruning)));
        assertThat(problems(json)).isEmpty();
        assertThat(json.at("/training").toString())
                .isEqualTo("{\"learningRate\":0.2,\"schedule\":\"one-cycle\",\"warmupEpochs\":0.0,\"momentum\":0.9,"
                        + "\"weightDecay\":5.0E-4,\"labelSmoothing\":0.1,\"clipNorm\":5.0,"
                        + "\"teacher\":{\"network\":\"resnet8\",\"temperature\":4.0,\"weight\":0.9},"
                        + "\"workers\":1}");
        assertThat(json.at("/pruning").toString())
                .isEqualTo("{\"cost\":\"macs\",\"objective\":\"mix\",\"stepWeight\":0.5,\"saliencyBudget\":0.01,"
                        + "\"saliencyRunBudget\":0.1,\"rho\":0.25,\"lambda\":1.0E-4,\"interval\":3,"
                        + "\"reconfigurations\":5,\"measuringShare\":0.2}");
    }

    @Test
    void whatWasNotTrainedHasNoTimeOfTraining() throws IOException {
        JsonNode json = MAPPER.readTree(document("prune"));
        for (String field : List.of("trainSeconds", "trainSecondsParts", "trainJoules")) {
            assertThat(json.at("/dense/" + field + "/reason").asText())
                    .as(field)
                    .isEqualTo("no dense network was trained in this run");
        }
        assertThat(json.at("/pruned/trainSeconds/value").asDouble()).isEqualTo(7.5);
        assertThat(RunReport.of(document("prune"), "a test", Map.of()).times())
                .extracting(ReportData.TimeParts::name)
                .containsExactly("pruned");
        assertThat(RunReport.of(document("run"), "a test", Map.of()).times())
                .extracting(ReportData.TimeParts::name)
                .containsExactly("dense", "pruned");
    }

    /** A staircase holds what differs in its output channels and in nothing else. */
    @Test
    void eachKindOfConvolutionHasAStaircaseOfItsOwn() {
        Map<WorkloadKey, Measurement> rows = new LinkedHashMap<>();
        Extent one = Extent.of(1);
        for (int k : new int[] {4, 8, 16}) {
            Convolution plain = new Convolution(2, 8, 9, 9, k, 3, 3, one, one, one, 1);
            for (Workload workload : List.of(
                    Workload.of(plain, Pass.FORWARD),
                    Workload.of(new Convolution(2, 8, 9, 9, k, 3, 3, one, Extent.of(0), one, 1), Pass.FORWARD),
                    Workload.of(new Convolution(2, 8, 9, 9, k, 3, 3, one, one, Extent.of(2), 1), Pass.FORWARD),
                    Workload.of(new Convolution(2, 8, 9, 9, k, 3, 3, one, one, one, 4), Pass.FORWARD),
                    new Workload(plain, Pass.FORWARD, DataType.F16, MathMode.DEFAULT, Layout.NCHW),
                    new Workload(plain, Pass.FORWARD, DataType.F32, MathMode.TF32, Layout.NCHW),
                    new Workload(plain, Pass.FORWARD, DataType.F32, MathMode.DEFAULT, Layout.NHWC))) {
                rows.put(WorkloadKey.cold(workload), Rows.of(workload, 1e-3 * (rows.size() + 1)));
            }
        }
        List<ReportData.Staircase> staircases =
                RunReport.of(document("run"), "a test", rows).staircases();
        assertThat(staircases).hasSize(7);
        assertThat(staircases)
                .as("none is a layer of this network")
                .extracting(ReportData.Staircase::pruned)
                .containsOnly(Set.of());
        assertThat(staircases).allSatisfy(stairs -> assertThat(stairs.points()).hasSize(3));
        assertThat(staircases).extracting(ReportData.Staircase::layer).doesNotHaveDuplicates();
    }

    /** The marks of a staircase are the widths of the pruned network, whatever else was measured. */
    @Test
    void aStaircaseMarksWhatPruningLeft() throws IOException {
        JsonNode layer = StreamSupport.stream(
                        MAPPER.readTree(document("run")).at("/layers").spliterator(), false)
                .filter(l -> l.at("/name").asText().equals("layer1.0.conv1"))
                .findFirst()
                .orElseThrow();
        Workload dense = Workload.parse(layer.at("/workload").asText());
        Convolution c = (Convolution) dense.operation();
        Map<WorkloadKey, Measurement> rows = new LinkedHashMap<>();
        for (int k : new int[] {4, 8, 12, 16}) {
            Workload workload = new Workload(
                    c.with(c.n(), c.c(), k), Pass.FORWARD, dense.dataType(), dense.mathMode(), dense.layout());
            rows.put(WorkloadKey.cold(workload), Rows.of(workload, 1e-3 * k));
        }
        // conv2 of the block is of the same kind and keeps its outputs.
        assertThat(RunReport.of(document("run"), "a test", rows).staircases())
                .singleElement()
                .extracting(ReportData.Staircase::pruned)
                .isEqualTo(Set.of(8, 16));
        assertThat(RunReport.of(document("train"), "a test", rows).staircases())
                .singleElement()
                .extracting(ReportData.Staircase::pruned)
                .isEqualTo(Set.of());
    }

    /** A run that was left and went on is remembered once, with what each plan predicted and what was then measured. */
    @Test
    void theStoreRemembersARunItsPlansAndItsResult() throws IOException {
        String json = document("run");
        org.secateur.results.store.Run run = new org.secateur.results.store.Run(
                "run-resnet8-dots-1",
                "run",
                new TreeMap<>(Map.of("network", "resnet8")),
                1,
                List.of("run", "--json"),
                Instant.EPOCH,
                RunStatus.RUNNING);
        try (Store kept = Store.open(store)) {
            RunLog log = kept.runs();
            RunRecord.begin(log, run);
            assertThat(log.run(run.id())).contains(run);
            for (int time = 0; time < 2; time++) {
                RunRecord.begin(log, run).finish(result("run", "train-step=0.6", 0.024, measured(0.0125)), json);
            }
            assertThat(log.run(run.id()).orElseThrow().status()).isEqualTo(RunStatus.DONE);
            assertThat(log.result(run.id())).contains(json);
            assertThat(log.events(run.id()))
                    .extracting(RunEvent::kind)
                    .containsExactly("epoch", "epoch", "epoch", "epoch", "reconfiguration", "reconfiguration");
            List<StoredPlan> plans = log.plans(run.id());
            assertThat(plans).hasSize(2);
            assertThat(plans.get(0).predictedSeconds()).isEqualTo(Quantity.derived(Estimate.exact(0.012)));
            assertThat(plans.get(0).measuredSeconds()).isEqualTo(Quantity.derived(Estimate.exact(0.0125)));
            assertThat(plans.get(1).measuredSeconds()).isInstanceOf(Quantity.Missing.class);
        }
    }

    private static List<String> problems(JsonNode json) {
        return Run.problems(json.toString(), "run");
    }

    /** Paths of the objects whose fields the schema names. */
    private static void objects(JsonNode node, String path, List<String> found) {
        if (node.isObject() && FREE.stream().noneMatch((path + "/")::contains)) {
            found.add(path);
        }
        node.properties().forEach(field -> objects(field.getValue(), path + "/" + field.getKey(), found));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            objects(node.get(i), path + "/" + i, found);
        }
    }

    private String document(String command) {
        return document(command, "train-step=0.6");
    }

    private String document(String command, String budget) {
        return document(command, budget, 0.024);
    }

    private String document(String command, String budget, double branch) {
        return Json.write(run(command, budget, branch, measured(0.0125)).json());
    }

    /** A run whose first plan removes a branch of that saliency, and 0.012 elsewhere, with that step at the end. */
    private RunDocument run(String command, String budget, double branch, Quantity step) {
        RunResult result = result(command, budget, branch, step);
        RunFiles files = new RunFiles(
                folder.resolve("report.html"),
                folder.resolve("pruned.safetensors"),
                store,
                folder.resolve("plans.json"),
                folder.resolve("widths.json"),
                folder.resolve("network.onnx"));
        return new RunDocument(
                command,
                result.settings(),
                data(),
                device,
                1,
                files,
                result,
                new Arithmetic(DataType.F32, MathMode.DEFAULT, Layout.NHWC),
                new LayoutChoice(Layout.NHWC, By.MEASURED, new Estimate(0.8, 0.75, 0.85, 0.95, 6), 1.5),
                List.of());
    }

    private RunResult result(String command, String budget, double branch, Quantity step) {
        boolean prunes = !command.equals("train");
        boolean dense = !command.equals("prune");
        RunSettings settings = new RunSettings(
                NETWORK,
                new TrainingSettings(2, 4, 0.1, 0.9, 5e-4, TrainingSettings.ScheduleKind.ONE_CYCLE, 1),
                prunes ? Optional.of(PruningSettings.toward(Budget.parse(budget))) : Optional.empty(),
                dense,
                1,
                6,
                6);
        List<EpochPoint> denseHistory = dense ? List.of(epoch(1, NETWORK), epoch(2, NETWORK)) : List.of();
        return new RunResult(
                settings,
                arm(NETWORK, dense, measured(0.025)),
                prunes ? Optional.of(arm(SMALL, true, step)) : Optional.empty(),
                prunes ? Optional.of(comparison(dense)) : Optional.empty(),
                denseHistory,
                prunes ? List.of(epoch(1, NETWORK), epoch(2, SMALL)) : List.of(),
                prunes ? plans(branch) : List.of());
    }

    private ArmResult arm(Network network, boolean trained, Quantity stepSeconds) {
        Quantity untrained = Quantity.unavailable("no dense network was trained in this run");
        Map<Part, Double> parts = new EnumMap<>(Part.class);
        for (Part part : trained ? Part.values() : new Part[0]) {
            parts.put(part, 1.5);
        }
        return new ArmResult(
                trained ? measured(0.75) : untrained,
                trained ? measured(0.9) : untrained,
                stepSeconds,
                measured(0.002),
                Quantity.modelled(Estimate.exact(0.4), "power times time"),
                Quantity.unavailable("only counted joules are corrected for idle power"),
                network.equals(NETWORK) ? denseFlags : prunedFlags,
                Set.of(),
                Counts.of(network),
                trained ? Quantity.measured(Estimate.exact(7.5)) : untrained,
                trained ? measured(300) : untrained,
                parts,
                Surgery.widths(network));
    }

    private static Comparison comparison(boolean dense) {
        return new Comparison(
                Quantity.derived(new Estimate(0.62, 0.6, 0.65, 0.95, 12)),
                Quantity.derived(new Estimate(0.7, 0.66, 0.72, 0.95, 12)),
                dense
                        ? Quantity.derived(new Estimate(-0.01, -0.02, 0.005, 0.95, 6))
                        : Quantity.unavailable("no dense network was trained in this run"),
                Verdict.FASTER);
    }

    private static List<PlanRecord> plans(double branch) {
        Map<String, List<Integer>> kept = new LinkedHashMap<>();
        kept.put("layer1.0.conv1", List.of(0, 1, 2, 3, 4, 5, 6, 7));
        return List.of(
                plan(
                        1,
                        kept,
                        List.of(
                                new Removal("conv1", 16, 12, 4, 0),
                                new Removal("layer1.0.conv1", 16, 8, 3, 0.012),
                                new Removal("layer2.0.conv1", 32, 0, 0, branch)),
                        0.0125,
                        Decision.ACCEPTED,
                        "exact"),
                plan(2, Map.of(), List.of(), null, Decision.REJECTED, "nothing to remove"));
    }

    private static PlanRecord plan(
            int epoch,
            Map<String, List<Integer>> kept,
            List<Removal> removals,
            @Nullable Double measured,
            Decision decision,
            String reason) {
        double removed = removals.stream().mapToDouble(Removal::saliency).sum();
        return new PlanRecord(
                epoch,
                kept,
                removals,
                "seconds",
                0.02,
                0.012,
                0.0002,
                false,
                1.1,
                0.012,
                removed,
                0.01,
                measured,
                measured == null ? 0 : 7,
                decision,
                reason,
                Layout.NHWC);
    }

    private static EpochPoint epoch(int epoch, Network network) {
        return new EpochPoint(epoch, 0.5, 2.0 / 3, 0.02, 0.004, Surgery.widths(network));
    }

    private static Quantity measured(double value) {
        return Quantity.measured(new Estimate(value, value * 0.98, value * 1.03, 0.95, 9));
    }

    private static Dataset data() {
        ImageSet images = new ImageSet(new Shape(1, 8, 8), new byte[8 * 64], new int[] {0, 1, 0, 1, 0, 1, 0, 1});
        return new Dataset(
                "dots", 2, new Normalisation(new float[] {0.5f}, new float[] {0.3f}, "chosen"), false, images, images);
    }
}
