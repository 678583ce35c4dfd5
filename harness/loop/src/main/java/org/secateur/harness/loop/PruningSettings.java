package org.secateur.harness.loop;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.secateur.models.core.pruning.Budget;

/**
 * How a network is pruned while it trains. Every default stands in {@link #DEFAULTS}, with its reason.
 *
 * @param budget what must be reached, for example 0.65 of the dense training step; none is PruneTrain as published
 * @param cost what plans minimise
 * @param objective whose cost: of the training step, of inference, or of a mix
 * @param stepWeight the training step's weight in a mix, 0 to 1
 * @param saliencyBudget the share of saliency that one reconfiguration may remove without a budget, 0 to 1
 * @param saliencyRunBudget the same over the whole run
 * @param rho the penalty ratio that fixes lambda, or empty to calibrate lambda by steps
 * @param lambda a fixed lambda, or empty
 * @param interval epochs between reconfigurations, or empty to divide the first half of training into
 *     {@code reconfigurations} parts
 * @param reconfigurations how many there are with a budget when no interval is given
 * @param measuringShare the share of the training time that pruning may still save which measuring may cost
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
        MACS
    }

    /** Whose cost. */
    public enum Objective {
        STEP,
        LATENCY,
        MIX
    }
}
