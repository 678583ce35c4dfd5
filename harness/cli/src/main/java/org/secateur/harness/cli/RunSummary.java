package org.secateur.harness.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.secateur.harness.loop.ArmResult;
import org.secateur.harness.loop.Comparison;
import org.secateur.harness.loop.PruningSettings.Objective;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

/** The at most twelve lines with which a run ends. */
final class RunSummary {
    private RunSummary() {}

    static String text(RunDocument run) {
        StringBuilder text = new StringBuilder(verdict(run)).append('\n');
        ArmResult dense = run.result().dense();
        Optional<ArmResult> pruned = run.result().pruned();
        if (pruned.isPresent()) {
            text.append(table(run, dense, pruned.get()));
        } else {
            Columns columns = new Columns("", "dense")
                    .row(accuracies(dense), accuracy(dense))
                    .row("training step", Text.seconds(dense.stepSeconds()))
                    .row("inference", Text.seconds(dense.latencySeconds()))
                    .row("training", duration(dense.trainSeconds()));
            if (!run.device().kind().equals("cuda")) { // whose steps have a clock of their own
                columns.row(
                        "step outside libtorch", LoopOverhead.text(run.result().denseHistory()));
            }
            text.append(columns.text());
        }
        run.budgetWarning()
                .ifPresent(warning -> text.append("warning: ").append(warning).append('\n'));
        text.append("report: ").append(run.files().report()).append('\n');
        text.append("next: ").append(next(run)).append('\n');
        return text.toString();
    }

    private static String next(RunDocument run) {
        String arithmetic = run.arithmetic().equals(Arithmetic.DEFAULT)
                ? ""
                : " " + run.arithmetic().text();
        String device = run.device().id().equals("cpu")
                ? ""
                : " --device " + run.device().id();
        String store = run.files().table().toAbsolutePath().equals(CommonOptions.DEFAULT_STORE.toAbsolutePath())
                ? ""
                : " --store " + run.files().table();
        // A table belongs to a number of threads, which several processes have shares of.
        String threads = run.settings().training().workers() == 1
                ? ""
                : "OMP_NUM_THREADS=" + run.device().fingerprint().identity().getOrDefault("threads", "1") + " ";
        return "%ssecateur predict --network %s --batch %d --verify%s%s%s"
                .formatted(
                        threads, run.files().onnx(), run.settings().training().batch(), arithmetic, device, store);
    }

    /** The sentence that a run comes to. */
    static String verdict(RunDocument run) {
        String network = run.settings().network().name();
        Optional<Comparison> comparison = run.result().comparison();
        if (comparison.isEmpty()) {
            return "dense " + network + " reached top-1 "
                    + percent(run.result().dense().top1());
        }
        Estimate ratio = comparison.get().stepRatio().estimate().orElseThrow();
        String speed = switch (comparison.get().verdict()) {
            case FASTER ->
                String.format(
                        Locale.ROOT,
                        "trains %.2fx faster [%.2f, %.2f]",
                        1 / ratio.value(),
                        1 / ratio.high(),
                        1 / ratio.low());
            case SLOWER ->
                String.format(
                        Locale.ROOT, "trains %.2fx slower [%.2f, %.2f]", ratio.value(), ratio.low(), ratio.high());
            case SAME -> "trains as fast as dense";
            case UNDECIDED ->
                String.format(
                        Locale.ROOT,
                        "has a step of %.2f [%.2f, %.2f] of dense, which decides nothing",
                        ratio.value(),
                        ratio.low(),
                        ratio.high());
        };
        return "pruned " + network + " " + speed
                + comparison
                        .get()
                        .top1Difference()
                        .estimate()
                        .map(d -> String.format(
                                Locale.ROOT,
                                ", top-1 %+.1f points [%+.1f, %+.1f]",
                                100 * d.value(),
                                100 * d.low(),
                                100 * d.high()))
                        .orElse("")
                + (run.result().dense().stepFlags().contains(Flag.INVALID)
                        ? " (INVALID: the machine was not the same as itself)"
                        : "");
    }

    private static String table(RunDocument run, ArmResult dense, ArmResult pruned) {
        return new Columns("", "dense", "pruned", "predicted")
                .row(accuracies(dense, pruned), accuracy(dense), accuracy(pruned), "")
                .row(
                        "training step",
                        value(dense.stepSeconds()),
                        value(pruned.stepSeconds()),
                        value(run.predicted(Objective.STEP)))
                .row(
                        "inference",
                        value(dense.latencySeconds()),
                        value(pruned.latencySeconds()),
                        value(run.predicted(Objective.LATENCY)))
                .row(
                        "MACs",
                        Text.si((double) dense.counts().macs().total()),
                        Text.si((double) pruned.counts().macs().total()),
                        "")
                .row(
                        "parameters",
                        Text.si((double) dense.counts().parameters().total()),
                        Text.si((double) pruned.counts().parameters().total()),
                        "")
                .row("joules per step" + model(pruned.energyJoules()), joules(dense), joules(pruned), "")
                .row("whole training", duration(dense.trainSeconds()), duration(pruned.trainSeconds()), "")
                .text();
    }

    private static String model(Quantity quantity) {
        return quantity.provenance() instanceof Provenance.Modelled modelled
                ? " (modelled: " + modelled.model().replaceFirst(",.*", "") + ")"
                : "";
    }

    /** What {@link #accuracy} tells of these. */
    private static String accuracies(ArmResult... arms) {
        return Stream.of(arms).anyMatch(arm -> arm.top5().estimate().isPresent()) ? "top-1, top-5" : "top-1";
    }

    private static String accuracy(ArmResult arm) {
        return percent(arm.top1())
                + arm.top5().estimate().map(e -> ", " + Text.percent(e.value())).orElse("");
    }

    private static String percent(Quantity fraction) {
        return fraction.estimate().map(e -> Text.percent(e.value())).orElse("-");
    }

    private static String value(Quantity seconds) {
        return seconds.estimate().map(e -> Text.seconds(e.value())).orElse("-") + model(seconds);
    }

    private static String duration(Quantity seconds) {
        return seconds.estimate().map(e -> Progress.duration(e.value())).orElse("-");
    }

    private static String joules(ArmResult arm) {
        String net = arm.netJoules()
                .estimate()
                .map(e -> " (" + Text.joules(e.value()) + " beyond idle)")
                .orElse("");
        return joules(arm.energyJoules()) + net;
    }

    private static String joules(Quantity joules) {
        return joules.estimate().map(e -> Text.joules(e.value())).orElse("-");
    }
}
