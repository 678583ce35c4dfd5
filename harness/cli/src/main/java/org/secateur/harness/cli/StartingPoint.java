package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.results.core.SecateurException;

/**
 * A network to begin with.
 *
 * @param weights those that its file had, without momentum; none where it was only named
 */
record StartingPoint(Network network, Optional<ModelState> weights) {
    /** The network and weights of a checkpoint, for the images that it was trained on. */
    static StartingPoint read(Path file, Dataset data) {
        return read(file).fitting(data, file.toString());
    }

    /** The network and weights of a checkpoint. */
    static StartingPoint read(Path file) {
        Checkpoint checkpoint = Checkpoint.read(file);
        ModelState state = checkpoint.state();
        ModelState weights = new ModelState(state.parameters(), Map.of(), state.buffers());
        return new StartingPoint(checkpoint.network(), Optional.of(weights));
    }

    /**
     * This, if it takes the images of a data set.
     *
     * @param file where it comes from, for the message
     */
    StartingPoint fitting(Dataset data, String file) {
        if (!network.input().equals(data.shape()) || network.classes() != data.classes()) {
            throw SecateurException.badInput(
                    "its network takes images of " + network.input().text() + " in " + network.classes()
                            + " classes, and " + data.name() + " has images of "
                            + data.shape().text() + " in " + data.classes(),
                    file,
                    "name the data that it was trained on");
        }
        return this;
    }
}
