package org.secateur.harness.loop;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.secateur.models.core.graph.Counts;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;

/**
 * What one network came to.
 *
 * @param top1 fraction of test images classified right, with its Wilson interval
 * @param top5 the same with the class among the five highest scores; unavailable where there are no more classes
 * @param stepSeconds one training step at the run's batch
 * @param latencySeconds one inference at the run's inference batch
 * @param energyJoules one training step
 * @param netJoules the same beyond the device's idle power
 * @param stepFlags of the measurement that told the step and its energy
 * @param latencyFlags of the one that told the inference
 * @param trainSeconds the whole training, evaluation excluded; missing where this network was not trained
 * @param trainJoules of the whole training by the device's counter, evaluation excluded
 * @param trainSecondsParts where they went, evaluation included; none where this network was not trained
 * @param widths channels of each group, in the network's order
 */
public record ArmResult(
        Quantity top1,
        Quantity top5,
        Quantity stepSeconds,
        Quantity latencySeconds,
        Quantity energyJoules,
        Quantity netJoules,
        Set<Flag> stepFlags,
        Set<Flag> latencyFlags,
        Counts counts,
        Quantity trainSeconds,
        Quantity trainJoules,
        Map<TimeAccount.Part, Double> trainSecondsParts,
        Map<String, Integer> widths) {

    /** The same with one more flag on all that was measured last. */
    ArmResult flagged(Flag flag) {
        return new ArmResult(
                top1,
                top5,
                stepSeconds,
                latencySeconds,
                energyJoules,
                netJoules,
                with(stepFlags, flag),
                with(latencyFlags, flag),
                counts,
                trainSeconds,
                trainJoules,
                trainSecondsParts,
                widths);
    }

    private static Set<Flag> with(Set<Flag> flags, Flag flag) {
        Set<Flag> more = EnumSet.of(flag);
        more.addAll(flags);
        return more;
    }
}
