package org.secateur.harness.cli;

import java.nio.file.Path;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.results.core.SecateurException;

/** A network with trained numbers to start from; its momentum is left behind. */
record StartingPoint(Network network, ModelState state) {
    static StartingPoint read(Path file, Dataset data) {
        Checkpoint checkpoint = Checkpoint.read(file);
        Network network = checkpoint.network();
        if (!network.input().equals(data.shape()) || network.classes() != data.classes()) {
            throw SecateurException.badInput(
                    "the checkpoint's network takes images of "
                            + network.input().text() + " in " + network.classes()
                            + " classes, and " + data.name() + " has images of "
                            + data.shape().text() + " in " + data.classes(),
                    file.toString(),
                    "name the data that it was trained on");
        }
        ModelState state = checkpoint.state();
        return new StartingPoint(network, new ModelState(state.parameters(), java.util.Map.of(), state.buffers()));
    }
}
