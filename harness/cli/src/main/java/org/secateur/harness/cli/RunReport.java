package org.secateur.harness.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Extent;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.ScaledCosts;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.report.HtmlReport;
import org.secateur.results.report.ReportData;
import org.secateur.results.report.Unit;
import org.secateur.results.store.JsonDocument;
import org.secateur.results.store.QuantityJson;

/**
 * From a finished run's JSON document and the measured costs to its report. This is the only way to a report: the run
 * itself goes it at its end.
 */
final class RunReport {
    /** A staircase of fewer measured widths than this shows nothing. */
    private static final int FEWEST_STAIRS = 3;
    /** More plots than this hide each other. */
    private static final int MOST_STAIRCASES = 12;

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final JsonNode run;

    private RunReport(JsonNode run) {
        this.run = run;
    }

    /**
     * Writes a report.
     *
     * @param json the document that {@link RunDocument} wrote
     * @param name where it comes from, for messages
     * @param costs the measured rows of the run's device; none where the run measured no layer
     * @throws SecateurException with exit code 2 when it is none
     */
    static void write(String json, String name, Map<WorkloadKey, Measurement> costs, Path file) {
        HtmlReport.write(of(json, name, costs), file);
    }

    static ReportData of(String json, String name, Map<WorkloadKey, Measurement> costs) {
        JsonNode run = MAPPER.valueToTree(JsonDocument.read(json, name));
        try {
            return new RunReport(run).data(costs);
        } catch (IllegalArgumentException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    "the file holds no result of a run: " + e.getMessage(),
                    name,
                    "repeat the run with this version",
                    e);
        }
    }

    private ReportData data(Map<WorkloadKey, Measurement> costs) {
        List<String> warnings = new ArrayList<>();
        run.required("warnings").forEach(warning -> warnings.add(warning.asText()));
        return new ReportData(
                text(run, "network") + " on " + text(run, "data"),
                text(run, "verdict"),
                text(run.required("device"), "name"),
                facts(),
                warnings,
                results(),
                staircases(costs),
                widths(),
                histories(),
                predictions(),
                plans(),
                times());
    }

    private List<ReportData.Fact> facts() {
        JsonNode tool = run.required("tool");
        JsonNode fingerprint = run.required("device").required("fingerprint");
        List<ReportData.Fact> facts = new ArrayList<>();
        facts.add(new ReportData.Fact("command", "secateur " + text(run, "command")));
        facts.add(new ReportData.Fact("data", text(run, "images")));
        for (String name : List.of("seed", "epochs", "batch")) {
            facts.add(new ReportData.Fact(name, text(run, name)));
        }
        facts.add(new ReportData.Fact("layout", text(run.required("arithmetic"), "layout")));
        facts.add(new ReportData.Fact("tool", text(tool, "version") + " (" + text(tool, "commit") + ")"));
        facts.add(new ReportData.Fact("fingerprint", text(fingerprint, "id")));
        fingerprint
                .required("identity")
                .properties()
                .forEach(field -> facts.add(
                        new ReportData.Fact(field.getKey(), field.getValue().asText())));
        return facts;
    }

    private List<ReportData.Result> results() {
        List<ReportData.Result> results = new ArrayList<>();
        results.add(result("top-1", Unit.FRACTION, "top1"));
        if (run.at("/dense/top5").has("value") || run.at("/pruned/top5").has("value")) {
            results.add(result("top-5", Unit.FRACTION, "top5"));
        }
        results.addAll(List.of(
                result("training step", Unit.SECONDS, "stepSeconds"),
                result("inference", Unit.SECONDS, "latencySeconds"),
                result("energy of a step", Unit.JOULES, "energyJoules"),
                count("multiply-accumulates", "macs"),
                count("parameters", "parameters")));
        return results;
    }

    private ReportData.Result result(String name, Unit unit, String field) {
        return new ReportData.Result(
                name,
                unit,
                quantity(run.required("dense"), field),
                pruned(field),
                run.path("predicted").has(field)
                        ? quantity(run.required("predicted"), field)
                        : Quantity.unavailable("not predicted"));
    }

    private Quantity pruned(String field) {
        return run.has("pruned") ? quantity(run.required("pruned"), field) : nothingPruned();
    }

    private static Quantity nothingPruned() {
        return Quantity.unavailable("this run pruned nothing");
    }

    private ReportData.Result count(String name, String field) {
        return new ReportData.Result(
                name,
                Unit.COUNT,
                total(run.required("dense"), field),
                run.has("pruned") ? total(run.required("pruned"), field) : nothingPruned(),
                Quantity.unavailable("not predicted"));
    }

    private static Quantity total(JsonNode arm, String field) {
        return exact(number(arm.required(field), "total"));
    }

    /** The output channels that pruning left of the dense network's convolutions, by {@link #line}. */
    private Map<String, Set<Integer>> prunedWidths() {
        Map<String, Set<Integer>> widths = new TreeMap<>();
        for (JsonNode layer : run.required("layers")) {
            Workload workload = Workload.parse(text(layer, "workload"));
            JsonNode channels = run.path("pruned").path("outputChannels").path(text(layer, "name"));
            if (workload.operation() instanceof Convolution c && channels.isInt()) {
                widths.computeIfAbsent(line(c, workload), l -> new TreeSet<>()).add(channels.asInt());
            }
        }
        return widths;
    }

    /** Forward times of convolutions by what they are called, which tells all of them but their output channels. */
    private List<ReportData.Staircase> staircases(Map<WorkloadKey, Measurement> costs) {
        Map<String, TreeMap<Integer, Quantity>> lines = new TreeMap<>();
        for (Map.Entry<WorkloadKey, Measurement> row : costs.entrySet()) {
            Workload workload = row.getKey().workload();
            if (row.getKey().equals(WorkloadKey.cold(workload))
                    && workload.operation() instanceof Convolution c
                    && workload.pass() == Pass.FORWARD) {
                lines.computeIfAbsent(line(c, workload), l -> new TreeMap<>())
                        .put(c.k(), row.getValue().seconds());
            }
        }
        Map<String, Set<Integer>> pruned = prunedWidths();
        return lines.entrySet().stream()
                .filter(line -> line.getValue().size() >= FEWEST_STAIRS)
                .sorted((a, b) -> b.getValue().size() - a.getValue().size())
                .limit(MOST_STAIRCASES)
                .map(line -> new ReportData.Staircase(
                        line.getKey(),
                        "output channels",
                        pruned.getOrDefault(line.getKey(), Set.of()),
                        line.getValue().entrySet().stream()
                                .map(p -> new ReportData.StairPoint(p.getKey(), p.getValue()))
                                .toList()))
                .toList();
    }

    private static String line(Convolution c, Workload workload) {
        return c.r() + "x" + c.s() + " convolution of " + c.c() + " channels, " + c.h() + "x" + c.w()
                + " pixels, stride "
                + c.stride().text() + ", padding " + c.padding().text()
                + (c.dilation().equals(Extent.of(1))
                        ? ""
                        : ", dilation " + c.dilation().text())
                + (c.groups() == 1 ? "" : ", " + c.groups() + " groups")
                + ", batch " + c.n() + ", " + workload.dataType().text()
                + (workload.mathMode() == MathMode.DEFAULT
                        ? ""
                        : " with " + workload.mathMode().text())
                + " in " + workload.layout().text();
    }

    private List<ReportData.WidthHistory> widths() {
        List<ReportData.WidthHistory> histories = new ArrayList<>();
        if (run.has("pruned")) {
            run.required("dense").required("widths").properties().forEach(group -> {
                List<ReportData.WidthPoint> points = new ArrayList<>();
                points.add(new ReportData.WidthPoint(0, group.getValue().asInt()));
                for (JsonNode epoch : run.required("pruned").required("history")) {
                    points.add(new ReportData.WidthPoint(
                            number(epoch, "epoch"),
                            epoch.required("widths").path(group.getKey()).asInt(0)));
                }
                histories.add(new ReportData.WidthHistory(group.getKey(), points));
            });
        }
        return histories;
    }

    private List<ReportData.History> histories() {
        List<ReportData.History> histories = new ArrayList<>();
        for (String arm : List.of("dense", "pruned")) {
            List<ReportData.Epoch> epochs = new ArrayList<>();
            for (JsonNode epoch : run.path(arm).path("history")) {
                epochs.add(new ReportData.Epoch(
                        number(epoch, "epoch"),
                        quantity(epoch, "top1"),
                        Quantity.measured(Estimate.exact(number(epoch, "stepSeconds")))));
            }
            if (!epochs.isEmpty()) {
                histories.add(new ReportData.History(arm, epochs));
            }
        }
        return histories;
    }

    private List<ReportData.Prediction> predictions() {
        List<ReportData.Prediction> predictions = new ArrayList<>();
        for (JsonNode plan : run.path("plans")) {
            if (plan.has("costMeasured") && text(plan, "unit").equals("seconds")) {
                predictions.add(new ReportData.Prediction(
                        "after epoch " + text(plan, "epoch"), predicted(plan), measured(plan)));
            }
        }
        return predictions;
    }

    private List<ReportData.Plan> plans() {
        List<ReportData.Plan> plans = new ArrayList<>();
        for (JsonNode plan : run.path("plans")) {
            plans.add(new ReportData.Plan(
                    number(plan, "epoch"),
                    text(plan, "decision").toLowerCase(Locale.ROOT),
                    changes(plan),
                    text(plan, "reason"),
                    unit(plan),
                    plan.has("model") ? modelled(plan, "costBefore") : exact(number(plan, "costBefore")),
                    predicted(plan),
                    measured(plan)));
        }
        return plans;
    }

    private static Unit unit(JsonNode plan) {
        return switch (text(plan, "unit")) {
            case "seconds" -> Unit.SECONDS;
            case "joules" -> Unit.JOULES;
            default -> Unit.COUNT;
        };
    }

    /** Joules that a model tells. */
    private static Quantity modelled(JsonNode plan, String cost) {
        return Quantity.modelled(Estimate.exact(number(plan, cost)), text(plan, "model"));
    }

    private static Quantity predicted(JsonNode plan) {
        if (plan.has("model")) {
            return modelled(plan, "costPredicted");
        }
        Estimate cost = Estimate.exact(number(plan, "costPredicted"));
        return plan.required("guessed").asBoolean()
                ? Quantity.modelled(cost, ScaledCosts.MODEL)
                : Quantity.derived(cost);
    }

    /** Derived: the ratio of a few pairs, times dense's first measurement; or counted. */
    private static Quantity measured(JsonNode plan) {
        if (!plan.has("costMeasured")) {
            return Quantity.unavailable(
                    text(plan, "decision").equals("REJECTED") ? "nothing was changed" : "not measured afterwards");
        }
        return plan.has("model") ? modelled(plan, "costMeasured") : exact(number(plan, "costMeasured"));
    }

    private static List<String> changes(JsonNode plan) {
        List<String> sentences = new ArrayList<>();
        for (JsonNode removal : plan.required("removals")) {
            int before = removal.required("before").asInt();
            int after = removal.required("after").asInt();
            sentences.add(text(removal, "group") + ": "
                    + (after == 0
                            ? "the whole branch goes, " + before + " channels"
                            : before + " to " + after + " channels")
                    + empty(removal.required("dead").asInt(), before - after)
                    + ", " + saliency(removal, "saliency"));
        }
        if (sentences.size() > 1) {
            sentences.add("in all " + saliency(plan, "saliencyRemoved"));
        }
        return sentences;
    }

    /** How many of the channels that go weigh nothing any more. */
    private static String empty(int dead, int removed) {
        return dead == 0 ? "" : dead == removed ? " (all that go are empty)" : " (" + dead + " that go are empty)";
    }

    private static String saliency(JsonNode node, String field) {
        return String.format(Locale.ROOT, "%.2f %% of the saliency", 100 * number(node, field));
    }

    private List<ReportData.TimeParts> times() {
        List<ReportData.TimeParts> times = new ArrayList<>();
        for (String arm : List.of("dense", "pruned")) {
            if (run.has(arm)
                    && quantity(run.required(arm), "trainSeconds").estimate().isPresent()) {
                Map<String, Double> parts = new LinkedHashMap<>();
                run.required(arm)
                        .required("trainSecondsParts")
                        .properties()
                        .forEach(
                                part -> parts.put(part.getKey(), part.getValue().asDouble()));
                parts.remove("evaluation");
                times.add(new ReportData.TimeParts(arm, parts));
            }
        }
        return times;
    }

    private static String text(JsonNode node, String field) {
        return node.required(field).asText();
    }

    private static double number(JsonNode node, String field) {
        JsonNode value = node.required(field);
        if (!value.isNumber()) {
            throw new IllegalArgumentException(field + " is " + value + ": expected a number");
        }
        return value.asDouble();
    }

    private static Quantity quantity(JsonNode node, String field) {
        return QuantityJson.read(MAPPER.convertValue(node.required(field), OBJECT));
    }

    private static Quantity exact(double value) {
        return Quantity.derived(Estimate.exact(value));
    }
}
