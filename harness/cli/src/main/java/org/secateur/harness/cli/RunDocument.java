package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.secateur.harness.cli.RunExecution.RunFiles;
import org.secateur.harness.loop.ArmResult;
import org.secateur.harness.loop.Comparison;
import org.secateur.harness.loop.EpochPoint;
import org.secateur.harness.loop.LayoutChoice;
import org.secateur.harness.loop.PlanRecord;
import org.secateur.harness.loop.PruningSettings;
import org.secateur.harness.loop.PruningSettings.Objective;
import org.secateur.harness.loop.RunResult;
import org.secateur.harness.loop.RunSettings;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Counts;
import org.secateur.models.core.pruning.Budget;
import org.secateur.profilers.core.Device;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.MemoryHierarchyEnergy;
import org.secateur.results.core.cost.ScaledCosts;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Proportion;
import org.secateur.results.store.QuantityJson;

/**
 * A finished run as every way of telling it needs it.
 *
 * @param arithmetic of its training
 * @param layout how the arithmetic's layout was come to
 * @param cautions what is to be known of all its numbers, such as that its control failed
 */
record RunDocument(
        String command,
        RunSettings settings,
        Dataset data,
        Device device,
        long seed,
        RunFiles files,
        RunResult result,
        Arithmetic arithmetic,
        LayoutChoice layout,
        List<String> cautions) {

    RunDocument {
        cautions = List.copyOf(cautions);
    }

    private static final double CONFIDENCE = 0.95;
    /** What a user may expect a budget to be kept to. */
    private static final double BUDGET_TOLERANCE = 0.05;

    /** The JSON document: all that the report shows but the table of costs. */
    Map<String, Object> json() {
        Map<String, Object> json = Json.document(command, Json.device(device), warnings());
        json.put("network", settings.network().name());
        json.put("data", data.name());
        json.put("images", data.text());
        json.put("verdict", RunSummary.verdict(this));
        json.put("epochs", settings.training().epochs());
        json.put("batch", settings.training().batch());
        json.put("inferenceBatch", settings.inferenceBatch());
        json.put("training", SettingsJson.training(settings.training()));
        json.put("arithmetic", arithmetic.json());
        json.put("layoutChoice", layoutChoice());
        List<ConvolutionLayer> layers = ConvolutionLayer.of(result, arithmetic);
        json.put("layers", layers.stream().map(RunDocument::layer).toList());
        json.put("dense", arm(result.dense(), outputChannels(layers, ConvolutionLayer::dense), result.denseHistory()));
        result.pruned()
                .ifPresent(pruned -> json.put(
                        "pruned",
                        arm(pruned, outputChannels(layers, ConvolutionLayer::pruned), result.prunedHistory())));
        result.comparison().ifPresent(comparison -> json.put("comparison", comparison(comparison)));
        settings.pruning().ifPresent(pruning -> {
            json.put("pruning", SettingsJson.pruning(pruning));
            json.put("predicted", prediction());
            json.put("budget", budget());
            json.put(
                    "plans",
                    result.plans().stream()
                            .map(plan -> plan(plan, result.dense().energyJoules()))
                            .toList());
        });
        json.put("seed", seed);
        json.put("files", files.json());
        return json;
    }

    private static Map<String, Object> layer(ConvolutionLayer layer) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", layer.name());
        json.put("workload", layer.forward().text());
        return json;
    }

    private Map<String, Object> layoutChoice() {
        Estimate ratio = layout.ratio();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("by", layout.by().name());
        json.put(
                "ratio", ratio == null ? Quantity.unavailable("the layout was not measured") : Quantity.derived(ratio));
        json.put("seconds", layout.seconds());
        LayoutChoice.Type type = layout.type();
        if (type != null) {
            Estimate typeRatio = type.ratio();
            Map<String, Object> chosen = new LinkedHashMap<>();
            chosen.put("dataType", type.dataType().text());
            chosen.put(
                    "ratio",
                    typeRatio == null
                            ? Quantity.unavailable("the processor has no instructions for bf16")
                            : Quantity.derived(typeRatio));
            chosen.put("seconds", type.seconds());
            json.put("type", chosen);
        }
        return json;
    }

    /** What a reader must know beside the numbers. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>(cautions);
        flagged("training step", flags(ArmResult::stepFlags)).ifPresent(warnings::add);
        flagged("inference", flags(ArmResult::latencyFlags)).ifPresent(warnings::add);
        budgetWarning().ifPresent(warnings::add);
        settings.pruning()
                .filter(PruningSettings::budgeted)
                .filter(p -> saliencyRemoved() > p.saliencyRunBudget())
                .ifPresent(p -> warnings.add(String.format(
                        Locale.ROOT,
                        "the budget took %.1f %% of the saliency, more than the %.1f %% that a run may without one",
                        100 * saliencyRemoved(),
                        100 * p.saliencyRunBudget())));
        return warnings;
    }

    private static Optional<String> flagged(String what, Set<Flag> flags) {
        return flags.isEmpty()
                ? Optional.empty()
                : Optional.of("the final measurement of the " + what + " is flagged "
                        + flags.stream().map(Flag::name).collect(Collectors.joining(", ")));
    }

    /** Each share is of the network that it was removed from. */
    private double saliencyRemoved() {
        return result.plans().stream()
                .filter(p -> p.decision() == PlanRecord.Decision.ACCEPTED)
                .mapToDouble(PlanRecord::saliencyRemoved)
                .sum();
    }

    /**
     * Whether what the budget limits is, by all of its interval, more than five percent above it at the end; empty where
     * that has no number.
     */
    Optional<Boolean> budgetMissed() {
        return switch (budgetGiven()) {
            case Budget.None none -> Optional.of(false);
            case Budget.Relative relative -> above(reached(), relative.share());
            case Budget.Absolute absolute -> above(reached(), absolute.amount());
        };
    }

    private static Optional<Boolean> above(Quantity reached, double limit) {
        return reached.estimate().map(r -> r.low() > limit * (1 + BUDGET_TOLERANCE));
    }

    /** What the budget limits, at the end, in its own unit: pruned / dense, or an amount. */
    private Quantity reached() {
        return switch (budgetGiven()) {
            case Budget.None none -> Quantity.unavailable("there is no budget");
            case Budget.Relative relative -> relative(relative.kind());
            case Budget.Absolute absolute ->
                result.pruned()
                        .map(arm -> cost(arm, absolute.kind()))
                        .orElseGet(() -> Quantity.unavailable("nothing was pruned"));
        };
    }

    /** Pruned / dense. */
    private Quantity relative(Budget.Kind kind) {
        Quantity nothing = Quantity.unavailable("nothing was pruned");
        return switch (kind) {
            case TRAIN_STEP -> result.comparison().map(Comparison::stepRatio).orElse(nothing);
            case LATENCY -> result.comparison().map(Comparison::latencyRatio).orElse(nothing);
            case ENERGY, MACS, PARAMS -> {
                Quantity dense = cost(result.dense(), kind);
                Quantity pruned = result.pruned().map(arm -> cost(arm, kind)).orElse(nothing);
                yield dense.estimate()
                        .map(d -> pruned.map(p -> p.times(1 / d.value())))
                        .orElse(dense);
            }
        };
    }

    private static Quantity cost(ArmResult arm, Budget.Kind kind) {
        Counts.Count macs = arm.counts().macs();
        return switch (kind) {
            case TRAIN_STEP -> arm.stepSeconds();
            case LATENCY -> arm.latencySeconds();
            case ENERGY -> arm.energyJoules();
            case MACS -> Quantity.derived(Estimate.exact((double) (macs.convolution() + macs.linear())));
            case PARAMS ->
                Quantity.derived(
                        Estimate.exact((double) arm.counts().parameters().total()));
        };
    }

    /** That the budget was missed, or why nobody knows. */
    Optional<String> budgetWarning() {
        Optional<Boolean> missed = budgetMissed();
        if (missed.isPresent()) {
            return missed.get() ? Optional.of("the budget " + budgetText() + " was missed") : Optional.empty();
        }
        String reason = reached() instanceof Quantity.Missing missing ? ": " + missing.reason() : "";
        return Optional.of("whether the budget " + budgetText() + " was kept is unknown" + reason);
    }

    /**
     * What the last accepted plan predicted of a training step, or of an inference: its share of dense, times dense as it
     * was measured at the end. It has no interval, since the standard error of a plan covers a part of its error only.
     */
    Quantity predicted(Objective objective) {
        if (settings.pruning().filter(p -> p.objective() == objective).isEmpty()) {
            return Quantity.unavailable("the plans' objective was another");
        }
        Quantity dense = objective == Objective.STEP
                ? result.dense().stepSeconds()
                : result.dense().latencySeconds();
        return result.plans().stream()
                .filter(p -> p.decision() == PlanRecord.Decision.ACCEPTED)
                .reduce((a, b) -> b)
                .filter(p -> p.unit().equals("seconds"))
                .map(plan -> predicted(plan, dense))
                .orElseGet(() -> Quantity.unavailable("no accepted plan predicted seconds"));
    }

    private Quantity predicted(PlanRecord plan, Quantity dense) {
        // The first plan was made for the dense network.
        double share = plan.costPredicted() / result.plans().get(0).costBefore();
        return switch (dense) {
            case Quantity.Missing missing -> missing;
            case Quantity.Known known -> {
                Estimate seconds = Estimate.exact(share * known.number().value());
                yield plan.guessed() ? Quantity.modelled(seconds, ScaledCosts.MODEL) : Quantity.derived(seconds);
            }
        };
    }

    private Map<String, Object> prediction() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("stepSeconds", predicted(Objective.STEP));
        json.put("latencySeconds", predicted(Objective.LATENCY));
        return json;
    }

    private Budget budgetGiven() {
        return settings.pruning().map(PruningSettings::budget).orElse(new Budget.None());
    }

    private String budgetText() {
        return budgetGiven().text();
    }

    private Map<String, Object> budget() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("text", budgetText());
        Optional<Boolean> missed = budgetMissed();
        json.put("missed", missed.isPresent() ? missed.get() : reached());
        return json;
    }

    private static Map<String, Integer> outputChannels(
            List<ConvolutionLayer> layers, ToIntFunction<ConvolutionLayer> of) {
        Map<String, Integer> channels = new LinkedHashMap<>();
        layers.forEach(layer -> channels.put(layer.name(), of.applyAsInt(layer)));
        return channels;
    }

    private Map<String, Object> arm(ArmResult arm, Map<String, Integer> outputChannels, List<EpochPoint> history) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("top1", arm.top1());
        json.put("top5", arm.top5());
        json.put("stepSeconds", QuantityJson.of(arm.stepSeconds(), Flag.ofSeconds(arm.stepFlags())));
        json.put("latencySeconds", QuantityJson.of(arm.latencySeconds(), arm.latencyFlags()));
        json.put(
                "energyJoules",
                QuantityJson.of(arm.energyJoules(), Flag.ofJoules(arm.stepFlags(), arm.energyJoules())));
        json.put("netEnergyJoules", QuantityJson.of(arm.netJoules(), Flag.ofJoules(arm.stepFlags(), arm.netJoules())));
        json.put("macs", Json.count(arm.counts().macs()));
        json.put("parameters", Json.count(arm.counts().parameters()));
        json.put("trainSeconds", arm.trainSeconds());
        json.put("trainJoules", arm.trainJoules());
        json.put("trainSecondsParts", parts(arm));
        json.put("loopOverhead", LoopOverhead.json(history));
        json.put("widths", arm.widths());
        json.put("outputChannels", outputChannels);
        json.put("history", history.stream().map(this::epoch).toList());
        return json;
    }

    private static Object parts(ArmResult arm) {
        if (arm.trainSeconds() instanceof Quantity.Missing missing) {
            return missing;
        }
        Map<String, Object> parts = new LinkedHashMap<>();
        arm.trainSecondsParts().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> parts.put(e.getKey().name().toLowerCase(Locale.ROOT), e.getValue()));
        return parts;
    }

    private Map<String, Object> epoch(EpochPoint point) {
        int images = Math.min(settings.epochTestImages(), data.test().count());
        int right = (int) Math.round(point.top1() * images);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("epoch", point.epoch());
        json.put("loss", point.loss());
        json.put("top1", Quantity.measured(Proportion.wilson(right, images, CONFIDENCE)));
        json.put("stepSeconds", point.stepSeconds());
        json.put("widths", point.widths());
        return json;
    }

    private Map<String, Object> comparison(Comparison comparison) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("stepRatio", QuantityJson.of(comparison.stepRatio(), Flag.ofSeconds(flags(ArmResult::stepFlags))));
        json.put("latencyRatio", QuantityJson.of(comparison.latencyRatio(), flags(ArmResult::latencyFlags)));
        json.put("top1Difference", comparison.top1Difference());
        json.put("verdict", comparison.verdict().name());
        return json;
    }

    /** The flags of both networks. */
    private Set<Flag> flags(Function<ArmResult, Set<Flag>> of) {
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        flags.addAll(of.apply(result.dense()));
        result.pruned().ifPresent(pruned -> flags.addAll(of.apply(pruned)));
        return flags;
    }

    /** A plan; its joules are by the model of accesses wherever a model tells those of a step. */
    static Map<String, Object> plan(PlanRecord plan, Quantity stepJoules) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("epoch", plan.epoch());
        json.put("decision", plan.decision().name());
        json.put("reason", plan.reason());
        json.put("unit", plan.unit());
        if (plan.unit().equals("joules") && !(stepJoules.provenance() instanceof Provenance.Measured)) {
            json.put("model", MemoryHierarchyEnergy.eyeriss().name());
        }
        json.put("costBefore", plan.costBefore());
        json.put("costPredicted", plan.costPredicted());
        json.put("standardError", plan.standardError());
        json.put("guessed", plan.guessed());
        json.put("correction", plan.correction());
        Double measured = plan.costMeasured();
        if (measured != null) {
            json.put("costMeasured", measured);
        }
        json.put("pairs", plan.pairs());
        json.put("saliencyRemoved", plan.saliencyRemoved());
        json.put("removals", plan.removals().stream().map(RunDocument::removal).toList());
        return json;
    }

    private static Map<String, Object> removal(PlanRecord.Removal removal) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("group", removal.group());
        json.put("before", removal.before());
        json.put("after", removal.after());
        json.put("dead", removal.dead());
        json.put("saliency", removal.saliency());
        return json;
    }
}
