package org.secateur.models.core.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.models.core.pruning.ChannelSlices;

/**
 * A weight of PruneTrain's regulariser (Lym et al., SC'19, equation 2): over every convolution and hidden linear layer,
 * the sum of {@code sqrt(sum w^2 + 1e-8)} of each input channel's and each output channel's weights. The weights that
 * read one channel of a flattened map are one group. Left out: the channels of the image, the outputs of the
 * classifier, depthwise kernels, and all one-dimensional parameters.
 *
 * @param name of the weight, {@code [groups, outputs / groups, channels / groups * width]}
 * @param groups of the convolution; 1 for a linear layer
 * @param outputs of all groups
 * @param channels input channels of all groups
 * @param width weights that one output has for one input channel
 * @param byInput whether each input channel's weights are a group of the regulariser
 * @param byOutput whether each output channel's are
 */
public record RegularisedWeight(
        String name, int groups, int outputs, int channels, int width, boolean byInput, boolean byOutput) {

    /** The weights that a network's group lasso sums over, in the network's order. */
    public static List<RegularisedWeight> of(Network network) {
        Map<String, Shape> shapes = Shapes.of(network);
        List<RegularisedWeight> weights = new ArrayList<>();
        for (Node node : network.nodes()) {
            int channels = Shapes.require(shapes, node.input()).channels();
            switch (node.layer()) {
                case Layer.Convolution c -> {
                    if (!c.depthwise(channels)) {
                        int width = c.kernel().height() * c.kernel().width();
                        add(weights, network, node, c.groups(), c.outputs(), channels, width);
                    }
                }
                case Layer.Linear l -> {
                    int mapped = channelsBeforeFlatten(network, shapes, node);
                    add(weights, network, node, 1, l.outputs(), mapped, channels / mapped);
                }
                default -> {
                    // Only weights with channels on both sides are regularised.
                }
            }
        }
        return List.copyOf(weights);
    }

    private static void add(
            List<RegularisedWeight> weights,
            Network network,
            Node node,
            int groups,
            int outputs,
            int channels,
            int width) {
        boolean readsImage = reaches(network, node.input());
        boolean classifies = classifies(network, node.name());
        if (!readsImage || !classifies) {
            weights.add(new RegularisedWeight(
                    node.name() + ".weight", groups, outputs, channels, width, !readsImage, !classifies));
        }
    }

    /**
     * Its groups as slices of its elements: one set of output channels, and one of input channels for each group of the
     * convolution.
     */
    public List<ChannelSlices> slices(float[] weights) {
        List<ChannelSlices> slices = new ArrayList<>();
        if (byOutput) {
            slices.add(ChannelSlices.producer(name, weights, outputs));
        }
        if (byInput) {
            int each = channels / groups;
            for (int g = 0; g < groups; g++) {
                slices.add(ChannelSlices.consumer(
                        name, weights, outputs, channels * width, groups, g * each * width, each, width));
            }
        }
        return slices;
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
