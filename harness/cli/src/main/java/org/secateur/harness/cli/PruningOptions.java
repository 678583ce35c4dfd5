package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.PruningSettings;
import org.secateur.harness.loop.PruningSettings.CostKind;
import org.secateur.harness.loop.PruningSettings.Objective;
import org.secateur.models.core.pruning.Budget;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Option;

/** How a network is pruned while it trains. What is not said keeps the default of {@link PruningSettings#toward}. */
final class PruningOptions {
    @Option(
            names = "--budget",
            paramLabel = "KIND=VALUE",
            defaultValue = "train-step=0.65",
            description =
                    "What the pruned network may cost: train-step, latency, energy, macs or params, relative to the"
                            + " dense network or absolute with a unit (train-step=12ms); none removes what the"
                            + " group lasso empties (PruneTrain; as published with --rho 0.2) (default: ${DEFAULT-VALUE}).")
    String budget = "train-step=0.65";

    @Option(
            names = "--cost",
            paramLabel = "KIND",
            description =
                    "What plans count as cost: seconds, joules (of whole training steps, where a counter tells them;"
                            + " else by cpu-power, at one utilisation, and so planned as seconds; or, with --energy-model"
                            + " memory-hierarchy, by counted accesses) or macs (default: what"
                            + " the budget limits).")
    @Nullable
    String cost;

    @Option(
            names = "--objective",
            paramLabel = "KIND",
            description = "Whose cost: step (training), latency (inference), or mix=A, A steps to 1-A inferences"
                    + " (default: latency for budgets of latency, macs and params, else step).")
    @Nullable
    String objective;

    @Option(
            names = "--saliency-budget",
            paramLabel = "SHARE",
            description = "Without a budget: the share of saliency one reconfiguration may remove (default: 0, only"
                    + " channels that the group lasso emptied).")
    @Nullable
    Double saliencyBudget;

    @Option(
            names = "--saliency-run-budget",
            paramLabel = "SHARE",
            description =
                    "Without a budget: the same over the whole run (default: 0.05, or --saliency-budget where that is"
                            + " more).")
    @Nullable
    Double saliencyRunBudget;

    @Option(
            names = "--rho",
            paramLabel = "SHARE",
            description =
                    "Penalty ratio that fixes lambda (default: 0.2 with a budget; without one lambda is calibrated by"
                            + " steps).")
    @Nullable
    Double rho;

    @Option(names = "--lambda", paramLabel = "X", description = "A fixed weight of the group lasso; 0 leaves it out.")
    @Nullable
    Double lambda;

    @Option(
            names = "--interval",
            paramLabel = "EPOCHS",
            description =
                    "Epochs between reconfigurations (default: with a budget, up to five in the first half; without"
                            + " one a tenth of the epochs).")
    @Nullable
    Integer interval;

    @Option(
            names = "--measuring-share",
            paramLabel = "SHARE",
            description =
                    "What measuring may cost, as a share of the training time that pruning may save (default: 0.1);"
                            + " take more where the pruned network is to run long after its training.")
    @Nullable
    Double measuringShare;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "Replay the plans that a run left in its plans.json instead of planning.")
    @Nullable
    Path plan;

    @Option(
            names = "--strict",
            description =
                    "Leave with exit code 3 when the run is INVALID, 1 when the budget is missed, and 4 when the verdict is"
                            + " UNDECIDED or nobody knows whether the budget was kept.")
    boolean strict;

    /** The settings. */
    PruningSettings settings() {
        if (rho != null && lambda != null) {
            throw SecateurException.badInput("both --rho and --lambda fix lambda", "--rho", "give one of them");
        }
        Budget limit = Budget.parse(budget);
        PruningSettings d = PruningSettings.toward(limit);
        double each = saliencyBudget == null ? d.saliencyBudget() : saliencyBudget;
        CostKind minimised = cost == null ? d.cost() : cost(cost);
        Objective whose = objective == null ? d.objective() : objective(objective);
        if (limit instanceof Budget.Absolute && (minimised != d.cost() || whose != d.objective())) {
            throw SecateurException.badInput(
                    "the budget is an amount of another cost than --cost and --objective choose",
                    "--budget " + budget,
                    "leave them out, or give the budget as a share of the dense network's cost");
        }
        return new PruningSettings(
                limit,
                minimised,
                whose,
                objective == null ? d.stepWeight() : weight(objective),
                each,
                saliencyRunBudget == null ? Math.max(each, d.saliencyRunBudget()) : saliencyRunBudget,
                rho == null ? OptionalDouble.empty() : OptionalDouble.of(rho),
                lambda == null ? OptionalDouble.empty() : OptionalDouble.of(lambda),
                interval == null ? OptionalInt.empty() : OptionalInt.of(interval),
                d.reconfigurations(),
                measuringShare == null ? d.measuringShare() : measuringShare);
    }

    private static CostKind cost(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "seconds" -> CostKind.SECONDS;
            case "joules" -> CostKind.JOULES;
            case "macs" -> CostKind.MACS;
            default ->
                throw SecateurException.badInput(
                        "unknown cost \"" + text + "\"", "--cost", "use seconds, joules or macs");
        };
    }

    private static Objective objective(String text) {
        return switch (text.toLowerCase(Locale.ROOT).replaceFirst("^mix=.*", "mix")) {
            case "step" -> Objective.STEP;
            case "latency" -> Objective.LATENCY;
            case "mix" -> Objective.MIX;
            default ->
                throw SecateurException.badInput(
                        "unknown objective \"" + text + "\"", "--objective", "use step, latency or mix=0.5");
        };
    }

    private static double weight(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            return text.equalsIgnoreCase("mix") ? 0.5 : 1;
        }
        try {
            return Double.parseDouble(text.substring(equals + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("objective " + text + ": expected mix=A with A from 0 to 1", e);
        }
    }
}
