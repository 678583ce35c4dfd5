package org.secateur.harness.loop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.Layout;

/**
 * One reconfiguration: what was planned and why, what it was predicted to cost, and what was then measured. It holds
 * all that is needed to do it again without measuring.
 *
 * @param epoch finished epochs at that moment
 * @param kept kept channels of every group that changes; an empty list removes the branch
 * @param removals what goes, and why
 * @param unit of the costs: {@code seconds}, {@code joules}, {@code macs} or {@code parameters}
 * @param costBefore of the network at hand, in the unit: by the sum of its rows and the correction; or counted
 * @param costPredicted of the planned network, by the same rule
 * @param standardError of the difference between the two
 * @param guessed whether the prediction rests on rows that nobody measured, scaled from those of other widths
 * @param correction above 0: the share of what rows say that pruning saves, relative to dense, which whole steps were
 *     measured to save
 * @param budget what this reconfiguration had to meet, in the unit; null without a budget
 * @param saliencyRemoved share of the network's saliency, 0 to 1
 * @param bound what no plan could have beaten, in saliency with a budget and in cost without; null where unknown
 * @param costMeasured afterwards, of the objective (a training step, an inference or a mix), measured or counted; null when nothing was changed
 * @param pairs of steps that measured it; 0 where nothing was measured
 * @param decision ACCEPTED, REJECTED (does not pay) or REVERTED (measured slower)
 * @param reason of the decision, in one sentence
 * @param layout of the tensors of the run, and of the rows that the costs rest on
 */
public record PlanRecord(
        int epoch,
        Map<String, List<Integer>> kept,
        List<Removal> removals,
        String unit,
        double costBefore,
        double costPredicted,
        double standardError,
        boolean guessed,
        double correction,
        @Nullable Double budget,
        double saliencyRemoved,
        @Nullable Double bound,
        @Nullable Double costMeasured,
        int pairs,
        Decision decision,
        String reason,
        Layout layout) {

    public PlanRecord {
        if (!(correction > 0)) {
            throw new IllegalArgumentException("correction " + correction + ": expected above 0");
        }
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(decision, "decision");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(layout, "layout");
        kept = Collections.unmodifiableMap(new LinkedHashMap<>(kept));
        removals = List.copyOf(removals);
    }

    /** What became of a plan. */
    public enum Decision {
        ACCEPTED,
        REJECTED,
        REVERTED
    }

    /**
     * The channels that one group loses.
     *
     * @param dead how many of them the group lasso had emptied
     */
    public record Removal(String group, int before, int after, int dead, double saliency) {}

    PlanRecord with(Decision newDecision, String newReason, @Nullable Double measured, int measuredPairs) {
        return new PlanRecord(
                epoch,
                kept,
                removals,
                unit,
                costBefore,
                costPredicted,
                standardError,
                guessed,
                correction,
                budget,
                saliencyRemoved,
                bound,
                measured,
                measuredPairs,
                newDecision,
                newReason,
                layout);
    }
}
