package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.secateur.harness.loop.ArmResult;
import org.secateur.harness.loop.EpochPoint;
import org.secateur.harness.loop.PlanRecord;
import org.secateur.harness.loop.TimeAccount;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Proportion;
import org.secateur.results.report.ReportData;
import org.secateur.results.report.Unit;

/** From a finished run to what its report shows. */
final class RunReport {
    /** A staircase of fewer measured widths than this shows nothing. */
    private static final int FEWEST_STAIRS = 3;
    /** More plots than this hide each other. */
    private static final int MOST_STAIRCASES = 12;

    private RunReport() {}

    static ReportData of(RunDocument run, CostTable table) {
        List<ReportData.History> histories = new ArrayList<>();
        histories.add(history(run, "dense", run.result().denseHistory()));
        histories.add(history(run, "pruned", run.result().prunedHistory()));
        histories.removeIf(h -> h.epochs().isEmpty());
        return new ReportData(
                run.settings().network().name() + " on " + run.data().name(),
                RunSummary.verdict(run),
                run.device().name(),
                facts(run),
                run.warnings(),
                results(run),
                staircases(table),
                widths(run),
                histories,
                predictions(run),
                plans(run),
                times(run));
    }

    private static List<ReportData.Fact> facts(RunDocument run) {
        List<ReportData.Fact> facts = new ArrayList<>();
        facts.add(new ReportData.Fact("command", "secateur " + run.command()));
        facts.add(new ReportData.Fact("data", run.data().text()));
        facts.add(new ReportData.Fact("seed", Long.toString(run.seed())));
        facts.add(new ReportData.Fact(
                "epochs", Integer.toString(run.settings().training().epochs())));
        facts.add(new ReportData.Fact(
                "batch", Integer.toString(run.settings().training().batch())));
        facts.add(new ReportData.Fact("tool", Version.version() + " (" + Version.commit() + ")"));
        facts.add(new ReportData.Fact("fingerprint", run.device().fingerprint().id()));
        run.device().fingerprint().identity().forEach((name, value) -> facts.add(new ReportData.Fact(name, value)));
        return facts;
    }

    private static List<ReportData.Result> results(RunDocument run) {
        ArmResult dense = run.result().dense();
        Quantity none = Quantity.unavailable("this run pruned nothing");
        List<ReportData.Result> results = new ArrayList<>();
        results.add(result(
                "top-1",
                Unit.FRACTION,
                dense.top1(),
                run.result().pruned().map(ArmResult::top1).orElse(none)));
        results.add(new ReportData.Result(
                "training step",
                Unit.SECONDS,
                dense.stepSeconds(),
                run.result().pruned().map(ArmResult::stepSeconds).orElse(none),
                run.predicted()));
        results.add(result(
                "inference",
                Unit.SECONDS,
                dense.latencySeconds(),
                run.result().pruned().map(ArmResult::latencySeconds).orElse(none)));
        results.add(result(
                "energy of a step",
                Unit.JOULES,
                dense.energyJoules(),
                run.result().pruned().map(ArmResult::energyJoules).orElse(none)));
        results.add(result(
                "multiply-accumulates",
                Unit.COUNT,
                count(dense.counts().macs().total()),
                run.result().pruned().map(p -> count(p.counts().macs().total())).orElse(none)));
        results.add(result(
                "parameters",
                Unit.COUNT,
                count(dense.counts().parameters().total()),
                run.result()
                        .pruned()
                        .map(p -> count(p.counts().parameters().total()))
                        .orElse(none)));
        return results;
    }

    private static ReportData.Result result(String name, Unit unit, Quantity dense, Quantity pruned) {
        return new ReportData.Result(name, unit, dense, pruned, Quantity.unavailable("not predicted"));
    }

    private static Quantity count(long value) {
        return Quantity.derived(Estimate.exact((double) value));
    }

    /** Forward times of convolutions that differ in their output channels only. */
    private static List<ReportData.Staircase> staircases(CostTable table) {
        Map<String, TreeMap<Integer, Quantity>> lines = new LinkedHashMap<>();
        for (Map.Entry<WorkloadKey, Measurement> row : table.rows().entrySet()) {
            Workload workload = row.getKey().workload();
            if (row.getKey().regime() == Regime.COLD
                    && workload.operation() instanceof Convolution c
                    && workload.pass() == Pass.FORWARD) {
                String line = String.format(
                        Locale.ROOT,
                        "%dx%d convolution of %d channels, %dx%d pixels, stride %s, batch %d",
                        c.r(),
                        c.s(),
                        c.c(),
                        c.h(),
                        c.w(),
                        c.stride().text(),
                        c.n());
                lines.computeIfAbsent(line, l -> new TreeMap<>())
                        .put(c.k(), row.getValue().seconds());
            }
        }
        return lines.entrySet().stream()
                .filter(line -> line.getValue().size() >= FEWEST_STAIRS)
                .sorted((a, b) -> b.getValue().size() - a.getValue().size())
                .limit(MOST_STAIRCASES)
                .map(line -> new ReportData.Staircase(
                        line.getKey(),
                        "output channels",
                        line.getValue().lastKey(),
                        line.getValue().entrySet().stream()
                                .map(p -> new ReportData.StairPoint(p.getKey(), p.getValue()))
                                .toList()))
                .toList();
    }

    private static List<ReportData.WidthHistory> widths(RunDocument run) {
        List<ReportData.WidthHistory> histories = new ArrayList<>();
        for (Map.Entry<String, Integer> group : run.result().dense().widths().entrySet()) {
            List<ReportData.WidthPoint> points = new ArrayList<>();
            points.add(new ReportData.WidthPoint(0, group.getValue()));
            for (EpochPoint epoch : run.result().prunedHistory()) {
                points.add(
                        new ReportData.WidthPoint(epoch.epoch(), epoch.widths().getOrDefault(group.getKey(), 0)));
            }
            histories.add(new ReportData.WidthHistory(group.getKey(), points));
        }
        return run.result().pruned().isPresent() ? histories : List.of();
    }

    private static ReportData.History history(RunDocument run, String name, List<EpochPoint> epochs) {
        int images =
                Math.min(run.settings().epochTestImages(), run.data().test().count());
        return new ReportData.History(
                name,
                epochs.stream()
                        .map(e -> new ReportData.Epoch(
                                e.epoch(),
                                Quantity.measured(Proportion.wilson((int) Math.round(e.top1() * images), images, 0.95)),
                                Quantity.measured(Estimate.exact(e.stepSeconds()))))
                        .toList());
    }

    private static List<ReportData.Prediction> predictions(RunDocument run) {
        List<ReportData.Prediction> predictions = new ArrayList<>();
        for (PlanRecord plan : run.result().plans()) {
            Double measured = plan.costMeasured();
            if (measured != null && plan.unit().equals("seconds")) {
                predictions.add(new ReportData.Prediction(
                        "after epoch " + plan.epoch(),
                        Quantity.derived(Estimate.exact(plan.costPredicted())),
                        Quantity.measured(Estimate.exact(measured))));
            }
        }
        return predictions;
    }

    private static List<ReportData.Plan> plans(RunDocument run) {
        return run.result().plans().stream()
                .map(plan -> new ReportData.Plan(
                        "epoch " + plan.epoch() + ", " + plan.decision().name().toLowerCase(Locale.ROOT),
                        plan.epoch(),
                        removed(plan),
                        cost(plan, plan.costBefore()),
                        cost(plan, plan.costPredicted())))
                .toList();
    }

    private static Quantity cost(PlanRecord plan, double value) {
        return plan.unit().equals("seconds")
                ? Quantity.derived(Estimate.exact(value))
                : Quantity.unavailable("planned by " + plan.unit());
    }

    private static List<String> removed(PlanRecord plan) {
        List<String> sentences = new ArrayList<>();
        for (PlanRecord.Removal r : plan.removals()) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "%s: %d of %d channels go, %d of them empty, %.2f %% of the network's saliency",
                    r.group(),
                    r.before() - r.after(),
                    r.before(),
                    r.dead(),
                    100 * r.saliency()));
        }
        sentences.add(plan.reason());
        return sentences;
    }

    private static List<ReportData.TimeParts> times(RunDocument run) {
        List<ReportData.TimeParts> times = new ArrayList<>();
        if (run.result().dense().trainSeconds() > 0) {
            times.add(parts("dense", run.result().dense()));
        }
        run.result().pruned().ifPresent(pruned -> times.add(parts("pruned", pruned)));
        return times;
    }

    private static ReportData.TimeParts parts(String name, ArmResult arm) {
        Map<String, Double> parts = new LinkedHashMap<>();
        for (TimeAccount.Part part : TimeAccount.Part.values()) {
            Double seconds = arm.trainSecondsParts().get(part);
            if (seconds != null && part != TimeAccount.Part.EVALUATION) {
                parts.put(part.name().toLowerCase(Locale.ROOT), seconds);
            }
        }
        return new ReportData.TimeParts(name, parts);
    }
}
