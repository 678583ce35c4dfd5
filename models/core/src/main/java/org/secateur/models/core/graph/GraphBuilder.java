package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.List;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.PoolingKind;

/**
 * Writes the nodes of a network down one after the other. Each method adds a node, whose name must be new, and returns that
 * name, by which later nodes read its output; {@link Network#INPUT} is the image. Sizes that do not fit together are
 * found by {@link Shapes#of}.
 */
public final class GraphBuilder {
    /** PyTorch's default. */
    private static final double EPSILON = 1e-5;

    private final List<Node> nodes = new ArrayList<>();
    private final double epsilon;

    /** A graph whose batch norms have PyTorch's defaults. */
    public GraphBuilder() {
        this(EPSILON);
    }

    /**
     * A graph whose batch norms have another epsilon.
     *
     * @param epsilon what is added to the variance, above 0
     */
    public GraphBuilder(double epsilon) {
        this.epsilon = epsilon;
    }

    /**
     * A square convolution padded by half its kernel.
     *
     * @param outputs output channels
     * @param kernel height and width of the kernel, in pixels
     * @param stride of both directions, in pixels
     * @param bias whether it has one; false before a batch norm
     */
    public String convolution(String name, String input, int outputs, int kernel, int stride, boolean bias) {
        return convolution(name, input, outputs, kernel, stride, kernel / 2, 1, bias);
    }

    /**
     * A square convolution with everything but dilation.
     *
     * @param padding zeros on every side, in pixels
     * @param groups into how many parts the channels are split; as many as input channels is depthwise
     */
    public String convolution(
            String name, String input, int outputs, int kernel, int stride, int padding, int groups, boolean bias) {
        return node(
                name,
                new Layer.Convolution(
                        outputs, Extent.of(kernel), Extent.of(stride), Extent.of(padding), Extent.of(1), groups, bias),
                input);
    }

    /** A batch norm with PyTorch's momentum, 0.1. */
    public String batchNorm(String name, String input) {
        return node(name, new Layer.BatchNorm(epsilon, 0.1), input);
    }

    /** A ReLU. */
    public String relu(String name, String input) {
        return node(name, new Layer.Activation(ActivationKind.RELU), input);
    }

    /** A ReLU that is cut at 6. */
    public String relu6(String name, String input) {
        return node(name, new Layer.Activation(ActivationKind.RELU6), input);
    }

    /**
     * A max pool with a square window.
     *
     * @param ceil whether a last window that reaches over the edge counts, as PyTorch's {@code ceil_mode}
     */
    public String maxPool(String name, String input, int window, int stride, int padding, boolean ceil) {
        return node(
                name,
                new Layer.Pooling(PoolingKind.MAX, Extent.of(window), Extent.of(stride), Extent.of(padding), ceil),
                input);
    }

    /** The sum of two tensors of one shape. */
    public String add(String name, String first, String second) {
        return node(name, new Layer.Add(), first, second);
    }

    /** The channels of several tensors one after the other. */
    public String concat(String name, String... inputs) {
        return node(name, new Layer.Concat(), inputs);
    }

    /** A linear layer with bias, of a vector: what was pooled to one pixel, or a {@link Layer.Flatten}. */
    public String linear(String name, String input, int outputs) {
        return node(name, new Layer.Linear(outputs, true), input);
    }

    /** Ends the network by a global average pool and a linear classifier; all nodes. */
    public List<Node> classifiedByMeans(String name, String input, int classes) {
        linear(name, node("avgpool", new Layer.GlobalAveragePool(), input), classes);
        return nodes();
    }

    /** Any layer. */
    public String node(String name, Layer layer, String... inputs) {
        nodes.add(new Node(name, layer, List.of(inputs)));
        return name;
    }

    /** All nodes so far, in the order in which they were written down. */
    public List<Node> nodes() {
        return List.copyOf(nodes);
    }
}
