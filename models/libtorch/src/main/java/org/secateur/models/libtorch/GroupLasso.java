package org.secateur.models.libtorch;

import static org.bytedeco.pytorch.global.torch.add_out;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;

/**
 * PruneTrain's regulariser (Lym et al., SC'19, equation 2): over every convolution and hidden linear layer, the sum of
 * {@code sqrt(sum w^2 + 1e-8)} of each input channel's and each output channel's weights. The weights that read one
 * channel of a flattened map are one group. Left out: the channels of the image, the outputs of the classifier,
 * depthwise kernels, and all one-dimensional parameters.
 *
 * <p>The gradient, {@code lambda * w * (1 / norm(output group) + 1 / norm(input group))}, is added to the gradients
 * after backward; autograd never sees the penalty.
 */
final class GroupLasso {
    private static final double EPSILON = 1e-8;

    /**
     * One layer's weight as {@code [groups, outputs / groups, channels / groups * width]}.
     *
     * @param channels input channels of all groups
     * @param width weights that one output has for one input channel
     */
    private record Groups(
            Tensor weight, Tensor gradient, long groups, long channels, long width, boolean inputs, boolean outputs) {
        /** Squared norms of the output channels plus epsilon, {@code [groups, outputs / groups, 1]}. */
        Tensor outputSquares(Tensor squares) {
            return squares.sum(new long[] {2}, true, new ScalarTypeOptional()).add_(new Scalar(EPSILON));
        }

        /** Squared norms of the input channels plus epsilon, {@code [channels, 1]}. */
        Tensor inputSquares(Tensor squares) {
            Tensor perWeight = squares.sum(new long[] {1}, false, new ScalarTypeOptional());
            Tensor perChannel = width == 1
                    ? perWeight.view(channels, 1)
                    : perWeight.view(channels, width).sum(new long[] {1}, true, new ScalarTypeOptional());
            return perChannel.add_(new Scalar(EPSILON));
        }

        void addGradient(Scalar lambda) {
            Tensor squares = weight.square();
            Tensor output = outputs ? outputSquares(squares).rsqrt_() : null;
            Tensor input = inputs
                    ? inputSquares(squares)
                            .rsqrt_()
                            .expand(channels, width)
                            .reshape(groups, 1, channels / groups * width)
                    : null;
            if (output != null && input != null) {
                gradient.addcmul_(weight, add_out(squares, output, input), lambda);
            } else if (output != null) {
                gradient.addcmul_(weight, output, lambda);
            } else if (input != null) {
                gradient.addcmul_(weight, input, lambda);
            }
        }

        double value() {
            Tensor squares = weight.square();
            double value = 0;
            if (outputs) {
                value += outputSquares(squares).sqrt_().sum().item_float();
            }
            if (inputs) {
                value += inputSquares(squares).sqrt_().sum().item_float();
            }
            return value;
        }
    }

    private final List<Groups> layers = new ArrayList<>();

    /** The regulariser of a network; its views belong to the innermost open pointer scope. */
    @SuppressWarnings("try") // the scopes only have to be open
    GroupLasso(TorchNetwork torch) {
        Network network = torch.network();
        Map<String, Shape> shapes = Shapes.of(network);
        try (NoGradGuard noGrad = new NoGradGuard()) {
            for (Node node : network.nodes()) {
                int channels = Shapes.require(shapes, node.input()).channels();
                switch (node.layer()) {
                    case Layer.Convolution c -> {
                        boolean depthwise = c.groups() > 1 && c.groups() == channels;
                        if (!depthwise) {
                            int width = c.kernel().height() * c.kernel().width();
                            add(torch, node, c.groups(), c.outputs(), channels, width);
                        }
                    }
                    case Layer.Linear l -> {
                        int mapped = channelsBeforeFlatten(network, shapes, node);
                        add(torch, node, 1, l.outputs(), mapped, channels / mapped);
                    }
                    default -> {
                        // Only weights with channels on both sides are regularised.
                    }
                }
            }
        }
    }

    private void add(TorchNetwork torch, Node node, long groups, long outputs, long channels, long width) {
        boolean readsImage = reaches(torch.network(), node.input());
        boolean classifies = classifies(torch.network(), node.name());
        if (readsImage && classifies) {
            return;
        }
        int index = torch.index(node.name() + ".weight");
        long[] shape = {groups, outputs / groups, channels / groups * width};
        layers.add(new Groups(
                torch.parameters().parameter(index).detach().view(shape),
                torch.parameters().gradient(index).view(shape),
                groups,
                channels,
                width,
                !readsImage,
                !classifies));
    }

    /** Adds lambda times the penalty's gradient to the gradients. */
    @SuppressWarnings("try") // the scopes only have to be open
    void addGradient(double lambda) {
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            Scalar factor = new Scalar(lambda);
            layers.forEach(layer -> layer.addGradient(factor));
        }
    }

    /** The penalty without lambda. */
    @SuppressWarnings("try") // the scopes only have to be open
    double value() {
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            return layers.stream().mapToDouble(Groups::value).sum();
        }
    }

    private static boolean weighted(Node node) {
        return node.layer() instanceof Layer.Convolution || node.layer() instanceof Layer.Linear;
    }

    /** Whether the image reaches {@code name} without a convolution or linear between. */
    private static boolean reaches(Network network, String name) {
        return name.equals(Network.INPUT)
                || network.node(name)
                        .map(node ->
                                !weighted(node) && node.inputs().stream().anyMatch(input -> reaches(network, input)))
                        .orElse(false);
    }

    /** Whether {@code name} reaches the logits without another convolution or linear between. */
    private static boolean classifies(Network network, String name) {
        return network.output().name().equals(name)
                || network.consumers(name).stream()
                        .anyMatch(node -> !weighted(node) && classifies(network, node.name()));
    }

    /** The channels of the map that a linear layer reads flattened, or its inputs where none was. */
    private static int channelsBeforeFlatten(Network network, Map<String, Shape> shapes, Node linear) {
        String name = linear.input();
        while (true) {
            Node node = network.node(name).orElse(null);
            if (node != null && node.layer() instanceof Layer.Flatten) {
                return Shapes.require(shapes, node.input()).channels();
            }
            if (node == null
                    || !(node.layer() instanceof Layer.Activation || node.layer() instanceof Layer.BatchNorm)) {
                return Shapes.require(shapes, linear.input()).channels();
            }
            name = node.input();
        }
    }
}
