package org.secateur.harness.cli;

import java.nio.file.Path;
import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;

/** What can be compared. */
sealed interface Thing {
    /** A network, whole. */
    record OfNetwork(Network network) implements Thing {}

    /** One launch. */
    record OfWorkload(Workload workload) implements Thing {}

    /**
     * The thing that a user means: a workload's text, a checkpoint, or a network, maybe at widths after an {@code @}.
     *
     * @throws SecateurException when it is none of them
     */
    static Thing parse(String text) {
        if (text.contains(" pass=")) {
            return new OfWorkload(Workload.parse(text));
        }
        if (text.endsWith(".safetensors")) {
            return new OfNetwork(Checkpoint.read(Path.of(text)).network());
        }
        int at = text.indexOf('@');
        NetworkOptions options = new NetworkOptions();
        options.network = at < 0 ? text : text.substring(0, at);
        if (options.network.isBlank()) {
            throw SecateurException.badInput(
                    "nothing is named", "\"" + text + "\"", "name a network, a checkpoint or a workload");
        }
        Network network = options.required();
        return new OfNetwork(at < 0 ? network : Widths.applied(network, text.substring(at + 1)));
    }
}
