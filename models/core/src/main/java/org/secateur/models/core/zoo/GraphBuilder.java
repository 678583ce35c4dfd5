package org.secateur.models.core.zoo;

import java.util.ArrayList;
import java.util.List;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Node;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.PoolingKind;

/** Nodes in the order in which they are written down; each method returns the name of the tensor it made. */
final class GraphBuilder {
    /** PyTorch's default. */
    private static final double EPSILON = 1e-5;

    private final List<Node> nodes = new ArrayList<>();
    private final double epsilon;

    /** A graph whose batch norms have PyTorch's defaults. */
    GraphBuilder() {
        this(EPSILON);
    }

    GraphBuilder(double epsilon) {
        this.epsilon = epsilon;
    }

    /** A convolution padded by half its kernel. */
    String convolution(String name, String input, int outputs, int kernel, int stride, boolean bias) {
        return convolution(name, input, outputs, kernel, stride, kernel / 2, 1, bias);
    }

    String convolution(
            String name, String input, int outputs, int kernel, int stride, int padding, int groups, boolean bias) {
        return node(
                name,
                new Layer.Convolution(
                        outputs, Extent.of(kernel), Extent.of(stride), Extent.of(padding), Extent.of(1), groups, bias),
                input);
    }

    String batchNorm(String name, String input) {
        return node(name, new Layer.BatchNorm(epsilon, 0.1), input);
    }

    String relu(String name, String input) {
        return node(name, new Layer.Activation(ActivationKind.RELU), input);
    }

    String relu6(String name, String input) {
        return node(name, new Layer.Activation(ActivationKind.RELU6), input);
    }

    String maxPool(String name, String input, int window, int stride, int padding, boolean ceil) {
        return node(
                name,
                new Layer.Pooling(PoolingKind.MAX, Extent.of(window), Extent.of(stride), Extent.of(padding), ceil),
                input);
    }

    String add(String name, String first, String second) {
        return node(name, new Layer.Add(), first, second);
    }

    String concat(String name, String... inputs) {
        return node(name, new Layer.Concat(), inputs);
    }

    String linear(String name, String input, int outputs) {
        return node(name, new Layer.Linear(outputs, true), input);
    }

    /** A global average pool and the linear classifier that ends the network. */
    List<Node> classifiedByMeans(String name, String input, int classes) {
        linear(name, node("avgpool", new Layer.GlobalAveragePool(), input), classes);
        return nodes();
    }

    String node(String name, Layer layer, String... inputs) {
        nodes.add(new Node(name, layer, List.of(inputs)));
        return name;
    }

    List<Node> nodes() {
        return List.copyOf(nodes);
    }
}
