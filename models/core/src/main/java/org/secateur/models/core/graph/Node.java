package org.secateur.models.core.graph;

import java.util.List;

/**
 * A layer at its place in the network.
 *
 * @param name unique in the network, in PyTorch's manner, for example {@code layer1.0.conv1}
 * @param inputs the names of the nodes it reads, in order; {@link Network#INPUT} is the image
 */
public record Node(String name, Layer layer, List<String> inputs) {
    public Node {
        inputs = List.copyOf(inputs);
        if (name.isBlank() || inputs.isEmpty()) {
            throw new IllegalArgumentException("node \"" + name + "\" with inputs " + inputs + ": both must be given");
        }
    }

    /** The first input, of layers that have one. */
    public String input() {
        return inputs.get(0);
    }
}
