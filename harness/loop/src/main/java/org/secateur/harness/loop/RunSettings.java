package org.secateur.harness.loop;

import java.util.Optional;
import org.secateur.models.core.graph.Network;

/**
 * All that decides what a run does.
 *
 * @param network dense
 * @param training how both arms are trained
 * @param pruning how the pruned arm is pruned, or empty for dense training only
 * @param dense whether a dense arm is trained beside the pruned one
 * @param inferenceBatch images of an inference whose latency counts
 * @param epochTestImages test images evaluated after each epoch, from the first on; the end always sees all
 * @param finalPairs pairs of steps measured at the end
 */
public record RunSettings(
        Network network,
        TrainingSettings training,
        Optional<PruningSettings> pruning,
        boolean dense,
        int inferenceBatch,
        int epochTestImages,
        int finalPairs) {
    public RunSettings {
        TrainingSettings.require(inferenceBatch >= 1, "inference batch", inferenceBatch, "at least 1");
        TrainingSettings.require(epochTestImages >= 1, "test images per epoch", epochTestImages, "at least 1");
        TrainingSettings.require(finalPairs >= 6, "final pairs", finalPairs, "at least 6, the fewest with an interval");
        TrainingSettings.require(dense || pruning.isPresent(), "arms", "none", "a dense or a pruned one");
    }
}
