package org.secateur.models.core.pruning;

/**
 * The limits B_k on the way to a budget: from the cost at hand straight to the budget over a number of
 * reconfigurations, then the budget.
 *
 * @param start the cost at hand before the first reconfiguration
 * @param budget the cost to end with, in the same unit
 * @param reconfigurations how many it takes to arrive, at least 1
 */
public record BudgetSchedule(double start, double budget, int reconfigurations) {
    public BudgetSchedule {
        if (!(start > 0 && start < Double.POSITIVE_INFINITY && budget > 0 && budget < Double.POSITIVE_INFINITY)
                || reconfigurations < 1) {
            throw new IllegalArgumentException("budget schedule from " + start + " to " + budget + " in "
                    + reconfigurations + " steps: expected positive costs and at least one step");
        }
    }

    /** A schedule that arrives with the last reconfiguration of the first half of {@code all} of them, at least 1. */
    public static BudgetSchedule overFirstHalf(double start, double budget, int all) {
        return new BudgetSchedule(start, budget, Math.max(1, all / 2));
    }

    /** B_k of reconfiguration {@code k}, counted from 1; never above the start unless the budget is. */
    public double limit(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("reconfiguration " + k + ": they count from 1");
        }
        if (start <= budget || k >= reconfigurations) {
            return budget;
        }
        return start + (budget - start) * k / reconfigurations;
    }
}
