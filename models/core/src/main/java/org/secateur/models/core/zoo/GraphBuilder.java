package org.secateur.models.core.zoo;

import java.util.ArrayList;
import java.util.List;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Node;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;

/** Nodes in the order in which they are written down; each method returns the name of the tensor it made. */
final class GraphBuilder {
    /** PyTorch's defaults for batch norm. */
    private static final Layer.BatchNorm BATCH_NORM = new Layer.BatchNorm(1e-5, 0.1);

    private final List<Node> nodes = new ArrayList<>();

    String convolution(String name, String input, int outputs, int kernel, int stride, boolean bias) {
        return node(
                name,
                new Layer.Convolution(
                        outputs, Extent.of(kernel), Extent.of(stride), Extent.of(kernel / 2), Extent.of(1), 1, bias),
                input);
    }

    String batchNorm(String name, String input) {
        return node(name, BATCH_NORM, input);
    }

    String relu(String name, String input) {
        return node(name, new Layer.Activation(ActivationKind.RELU), input);
    }

    String node(String name, Layer layer, String... inputs) {
        nodes.add(new Node(name, layer, List.of(inputs)));
        return name;
    }

    List<Node> nodes() {
        return List.copyOf(nodes);
    }
}
