package org.secateur.harness.loop;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.secateur.models.core.pruning.Budget;

/**
 * How a network is pruned while it trains. Every default stands in {@link #toward}, with its reason.
 *
 * @param budget what must be reached, for example 0.65 of the dense training step; none removes what the group lasso
 *     empties, as PruneTrain does
 * @param cost what plans minimise
 * @param objective whose cost: of the training step, of inference, or of a mix
 * @param stepWeight the training step's weight in a mix, 0 to 1
 * @param saliencyBudget the share of saliency that one reconfiguration may remove without a budget, 0 to 1
 * @param saliencyRunBudget the same over the whole run
 * @param rho the penalty ratio that fixes lambda; empty for 0.2 with a budget, else for lambda by steps
 * @param lambda a fixed lambda, or empty
 * @param interval epochs between reconfigurations, or empty to divide the first half of training into
 *     {@code reconfigurations} parts
 * @param reconfigurations how many there are with a budget when no interval is given
 * @param measuringShare what measuring may cost, as a share of the training time that pruning may save; at least 0, above
 *     1 where the pruned network is to run long after its training
 */
public record PruningSettings(
        Budget budget,
        CostKind cost,
        Objective objective,
        double stepWeight,
        double saliencyBudget,
        double saliencyRunBudget,
        OptionalDouble rho,
        OptionalDouble lambda,
        OptionalInt interval,
        int reconfigurations,
        double measuringShare) {

    /** What plans minimise. */
    public enum CostKind {
        SECONDS,
        JOULES,
        MACS,
        PARAMETERS;

        /** Whether it is counted rather than measured. */
        boolean counted() {
            return this == MACS || this == PARAMETERS;
        }
    }

    /** Whose cost. */
    public enum Objective {
        STEP,
        LATENCY,
        MIX
    }

    public PruningSettings {
        TrainingSettings.require(stepWeight >= 0 && stepWeight <= 1, "step weight", stepWeight, "0 to 1");
        TrainingSettings.require(
                saliencyBudget >= 0 && saliencyBudget <= 1, "saliency budget", saliencyBudget, "0 to 1");
        TrainingSettings.require(
                saliencyRunBudget >= 0 && saliencyRunBudget <= 1,
                "saliency budget of the run",
                saliencyRunBudget,
                "0 to 1");
        TrainingSettings.require(
                rho.isEmpty() || (rho.getAsDouble() > 0 && rho.getAsDouble() < 1), "rho", rho, "above 0 and below 1");
        TrainingSettings.require(
                lambda.isEmpty() || (lambda.getAsDouble() >= 0 && Double.isFinite(lambda.getAsDouble())),
                "lambda",
                lambda,
                "at least 0");
        TrainingSettings.require(
                interval.isEmpty() || interval.getAsInt() >= 1, "interval", interval, "at least 1 epoch");
        TrainingSettings.require(reconfigurations >= 1, "reconfigurations", reconfigurations, "at least 1");
        TrainingSettings.require(
                measuringShare >= 0 && Double.isFinite(measuringShare),
                "measuring share",
                measuringShare,
                "at least 0");
    }

    /**
     * Pruning toward a budget with every other setting at its default: where there is no budget, only what the group lasso
     * emptied goes, of at most 0.05 of the saliency over the run; lambda by the ratio 0.2 with a budget, else by steps; at most five
     * reconfigurations in the first half of training, so that each is small and the second half recovers; a tenth of
     * what may be saved for measuring.
     */
    public static PruningSettings toward(Budget budget) {
        Objective objective = kindOf(budget) == Budget.Kind.LATENCY
                        || kindOf(budget) == Budget.Kind.MACS
                        || kindOf(budget) == Budget.Kind.PARAMS
                ? Objective.LATENCY
                : Objective.STEP;
        CostKind cost = switch (kindOf(budget)) {
            case TRAIN_STEP, LATENCY -> CostKind.SECONDS;
            case ENERGY -> CostKind.JOULES;
            case MACS -> CostKind.MACS;
            case PARAMS -> CostKind.PARAMETERS;
        };
        return new PruningSettings(
                budget,
                cost,
                objective,
                1,
                0,
                0.05,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                5,
                0.1);
    }

    /** Whether there is a budget at all. */
    public boolean budgeted() {
        return !(budget instanceof Budget.None);
    }

    /** Whether a run of so many epochs is reconfigured before it ends. */
    public boolean reconfigures(int epochs) {
        return intervalIn(epochs).orElse(0) < epochs;
    }

    /** Epochs between the reconfigurations of a run of so many; empty where they divide its first half. */
    OptionalInt intervalIn(int epochs) {
        return interval.isPresent() || budgeted() ? interval : OptionalInt.of(Math.max(1, epochs / 10));
    }

    /** What the budget limits; the training step where there is none. */
    static Budget.Kind kindOf(Budget budget) {
        return switch (budget) {
            case Budget.None none -> Budget.Kind.TRAIN_STEP;
            case Budget.Relative relative -> relative.kind();
            case Budget.Absolute absolute -> absolute.kind();
        };
    }
}
