package org.secateur.models.core.zoo;

import java.util.List;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.results.core.Extent;

/**
 * The CIFAR form of He et al. 2016, section 4.2: a 3x3 convolution of 16 channels, three stages of n basic blocks with
 * 16, 32 and 64 channels, global average pool, one linear layer; 6n + 2 layers. The shortcut that changes the width is
 * option A (every second pixel, channels in the middle, zeros around them) or a 1x1 convolution with batch norm. It
 * stands before its branch, so that a stage keeps its name when branches die.
 */
final class ResNet {
    private static final int[] WIDTHS = {16, 32, 64};

    private ResNet() {}

    static List<Node> nodes(int depth, boolean projections, int classes) {
        int blocks = (depth - 2) / 6;
        GraphBuilder graph = new GraphBuilder();
        String tensor = graph.convolution("conv1", Network.INPUT, WIDTHS[0], 3, 1, false);
        tensor = graph.relu("relu", graph.batchNorm("bn1", tensor));
        int channels = WIDTHS[0];
        for (int stage = 0; stage < WIDTHS.length; stage++) {
            for (int block = 0; block < blocks; block++) {
                String name = "layer" + (stage + 1) + "." + block;
                tensor = block(graph, name, tensor, channels, WIDTHS[stage], projections);
                channels = WIDTHS[stage];
            }
        }
        tensor = graph.node("avgpool", new Layer.GlobalAveragePool(), tensor);
        graph.node("fc", new Layer.Linear(classes, true), tensor);
        return graph.nodes();
    }

    private static String block(
            GraphBuilder graph, String name, String input, int channels, int width, boolean projections) {
        int stride = channels == width ? 1 : 2;
        String shortcut = channels == width
                ? input
                : projections
                        ? projection(graph, name, input, width, stride)
                        : optionA(graph, name, input, channels, width, stride);
        String branch = graph.convolution(name + ".conv1", input, width, 3, stride, false);
        branch = graph.relu(name + ".relu1", graph.batchNorm(name + ".bn1", branch));
        branch = graph.convolution(name + ".conv2", branch, width, 3, 1, false);
        branch = graph.batchNorm(name + ".bn2", branch);
        return graph.relu(name + ".relu2", graph.node(name + ".add", new Layer.Add(), branch, shortcut));
    }

    private static String projection(GraphBuilder graph, String name, String input, int width, int stride) {
        return graph.batchNorm(
                name + ".shortcut.1", graph.convolution(name + ".shortcut.0", input, width, 1, stride, false));
    }

    private static String optionA(GraphBuilder graph, String name, String input, int channels, int width, int stride) {
        int pad = (width - channels) / 2;
        List<Integer> sources = IntStream.range(0, width)
                .map(j -> j >= pad && j - pad < channels ? j - pad : Layer.IndexMap.ZERO)
                .boxed()
                .toList();
        return graph.node(name + ".shortcut", new Layer.IndexMap(sources, Extent.of(stride)), input);
    }
}
