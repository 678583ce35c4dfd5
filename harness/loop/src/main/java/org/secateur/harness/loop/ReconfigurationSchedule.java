package org.secateur.harness.loop;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.secateur.harness.loop.PruningSettings.Objective;

/**
 * After which epochs a network is reconfigured, and how far each reconfiguration goes on the way to the budget.
 *
 * <p>Toward a budget the cost falls in equal parts, each in the middle of its part of the first half of training. Whatever
 * their number, the steps then cost what a straight line from dense to the budget would. There are as many as measuring
 * may verify, at most {@link PruningSettings#reconfigurations()}.
 */
final class ReconfigurationSchedule {
    /** The part of training in which the budget is approached, so that what is left can recover. */
    private static final double PRUNING_PART = 0.5;
    /** The part of all measuring that verifies at most; the rest is for the rows that plans are made of. */
    private static final double VERIFYING_PART = 0.6;
    /** What a schedule without a budget is taken to save of a step. */
    private static final double SAVED_WITHOUT_BUDGET = 0.2;

    private final TreeMap<Integer, Double> shares = new TreeMap<>();
    private final double allowedSteps;
    private final double verifyingSteps;
    private final double tryingAgainSteps;

    /**
     * A schedule.
     *
     * @param target the budget relative to the dense network's cost; 1 where there is none
     * @param joules whether the joules of whole steps are counted, which takes its own time however long a step is
     * @param epochs of the run
     * @param stepsPerEpoch of the run
     */
    ReconfigurationSchedule(PruningSettings settings, double target, boolean joules, int epochs, long stepsPerEpoch) {
        boolean budgeted = settings.budgeted();
        boolean counted = settings.cost().counted();
        double saved = budgeted ? Math.max(0, 1 - target) : SAVED_WITHOUT_BUDGET;
        allowedSteps =
                counted ? 0 : settings.measuringShare() * saved * (1 - PRUNING_PART / 2) * epochs * stepsPerEpoch;
        boolean verifiedBySteps =
                !counted && !joules && settings.objective() != Objective.LATENCY; // inferences take next to none
        double pairSteps = verifiedBySteps ? 1 + Math.min(1, target) : 0;
        verifyingSteps = (Reconfigurer.VERIFYING_PAIRS + Reconfigurer.WARMING_LAUNCHES) * pairSteps;
        tryingAgainSteps = settings.measuringShare() == 0
                ? 0
                : (Reconfigurer.DECIDING_PAIRS + Reconfigurer.WARMING_LAUNCHES) * pairSteps;
        OptionalInt interval = settings.intervalIn(epochs);
        if (interval.isPresent()) {
            int every = interval.getAsInt();
            int last = Math.max(every, budgeted ? (int) (epochs * PRUNING_PART) : epochs - 1);
            for (int epoch = every; epoch <= last; epoch += every) {
                shares.put(epoch, Math.min(1, (double) epoch / (last - last % every)));
            }
        } else {
            int fit = Math.max(1, (int) (epochs * PRUNING_PART));
            int verifiable = verifiedBySteps
                    ? (int) (VERIFYING_PART * allowedSteps / verifyingSteps)
                    : settings.reconfigurations();
            int count = Math.clamp(verifiable, 1, Math.min(fit, settings.reconfigurations()));
            for (int k = 1; k <= count; k++) {
                shares.put((int) Math.round((k - 0.5) / count * PRUNING_PART * epochs), (double) k / count);
            }
        }
    }

    /** Finished epochs at each reconfiguration, with its share of the way to the budget, above 0 and at most 1. */
    NavigableMap<Integer, Double> shares() {
        return Collections.unmodifiableNavigableMap(shares);
    }

    /** Finished epochs at the last reconfiguration. */
    int last() {
        return shares.lastKey();
    }

    /** What rows may cost in all, in dense steps: what measuring may, without what verifying will. */
    double rowSteps() {
        return Math.max(0, allowedSteps - shares.size() * verifyingSteps);
    }

    /**
     * What rows may cost for each further try that they may spare, in dense steps: as much as it would cost to verify;
     * nothing where nothing is to be measured.
     */
    double tryingAgainSteps() {
        return tryingAgainSteps;
    }

    /** What verifying one reconfiguration costs, in dense steps. */
    double verifyingSteps() {
        return verifyingSteps;
    }
}
