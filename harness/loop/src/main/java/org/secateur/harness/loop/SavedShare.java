package org.secateur.harness.loop;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.PlanRecord.Decision;

/**
 * The share of what rows say that pruning saves which whole steps do save. A part of every step is in no row, and a plan
 * prefers the widths whose rows came out low, so that sums promise too much, and the more the more is pruned. With both
 * costs relative to dense's, a network whose rows sum up to {@code x} is taken to cost {@code 1 - share (1 - x)}; the
 * share is 1 at first, and then what fits the networks that were measured whole best, by least squares, each weighing by
 * its pairs, and the first belief by {@link #FIRST_WEIGHT}.
 */
final class SavedShare {
    /**
     * What the first belief weighs, in pairs of a network of which nothing is left: so much that a standard deviation of
     * 15 % of the share weighs as a pair's, 8 %, does.
     */
    private static final double FIRST_WEIGHT = 0.3;
    /** Below this rows say too little to plan by, and a bad measurement would have nearly everything removed. */
    private static final double LEAST = 0.5;

    private final double denseCost;
    private double share = 1;
    private double weight = FIRST_WEIGHT;
    /** The plan that left the network at hand, until it was learned from. */
    private @Nullable PlanRecord last;

    /**
     * What an arm's plans so far tell.
     *
     * @param denseCost above 0, in the plans' unit
     */
    SavedShare(List<PlanRecord> plans, double denseCost) {
        this.denseCost = denseCost;
        for (PlanRecord plan : plans) {
            if (!plan.removals().isEmpty()) { // else the network stayed, and its rows may not have been looked at
                observe(1 - (1 - plan.costBefore() / denseCost) / plan.correction());
                last = plan.decision() == Decision.ACCEPTED ? plan : null;
            }
        }
    }

    /**
     * Learns from what was measured after the last plan, once.
     *
     * @param sum of the rows of the network that it left, relative to dense's
     */
    void observe(double sum) {
        if (last != null && last.costMeasured() != null) {
            double byRows = 1 - sum;
            double measured = 1 - last.costMeasured() / denseCost;
            double then = weight + last.pairs() * byRows * byRows;
            share = Math.max(LEAST, (weight * share + last.pairs() * byRows * measured) / then);
            weight = then;
        }
        last = null;
    }

    /** The share, 0.5 or more. */
    double share() {
        return share;
    }

    /** What a network is taken to cost whose rows sum up so, both relative to dense's. */
    double cost(double sum) {
        return 1 - share * (1 - sum);
    }

    /** What the rows of a network must sum up to that costs so much, both relative to dense's. */
    double sum(double cost) {
        return 1 - (1 - cost) / share;
    }
}
