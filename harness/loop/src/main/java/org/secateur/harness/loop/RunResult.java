package org.secateur.harness.loop;

import java.util.List;
import java.util.Optional;
import org.secateur.results.core.Flag;

/**
 * What a run came to.
 *
 * @param dense the dense network; where none was trained its accuracy is missing and its costs are measured all the same
 */
public record RunResult(
        RunSettings settings,
        ArmResult dense,
        Optional<ArmResult> pruned,
        Optional<Comparison> comparison,
        List<EpochPoint> denseHistory,
        List<EpochPoint> prunedHistory,
        List<PlanRecord> plans) {
    public RunResult {
        denseHistory = List.copyOf(denseHistory);
        prunedHistory = List.copyOf(prunedHistory);
        plans = List.copyOf(plans);
    }

    /** The same with one more flag on all that was measured last. */
    public RunResult flagged(Flag flag) {
        return new RunResult(
                settings,
                dense.flagged(flag),
                pruned.map(arm -> arm.flagged(flag)),
                comparison,
                denseHistory,
                prunedHistory,
                plans);
    }

    static RunResult denseOnly(RunSettings settings, ArmResult dense, List<EpochPoint> history) {
        return new RunResult(settings, dense, Optional.empty(), Optional.empty(), history, List.of(), List.of());
    }
}
