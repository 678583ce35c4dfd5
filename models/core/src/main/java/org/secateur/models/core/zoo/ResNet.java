package org.secateur.models.core.zoo;

import java.util.List;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.GraphBuilder;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.results.core.Extent;

/**
 * Residual networks (He et al. 2016). The shortcut of a block stands before its branch, so that a stage keeps its name
 * when branches die.
 */
final class ResNet {
    private static final int[] CIFAR_WIDTHS = {16, 32, 64};
    private static final int[] LARGE_WIDTHS = {64, 128, 256, 512};
    private static final int BOTTLENECK_EXPANSION = 4;

    private final GraphBuilder graph = new GraphBuilder();

    private ResNet() {}

    /** What a block adds its branch to where the width or the resolution changes. */
    enum Shortcut {
        /** Every second pixel, the channels in the middle, zeros around them (option A). */
        PADDED,
        /** A 1x1 convolution with batch norm (option B). */
        PROJECTED
    }

    /**
     * The CIFAR form, section 4.2: a 3x3 convolution of 16 channels, three stages of n basic blocks with 16, 32 and 64
     * channels, global average pool, one linear layer; 6n + 2 layers.
     */
    static List<Node> cifar(int depth, Shortcut shortcut, int classes) {
        int blocks = (depth - 2) / 6;
        ResNet net = new ResNet();
        String tensor = net.graph.convolution("conv1", Network.INPUT, CIFAR_WIDTHS[0], 3, 1, false);
        tensor = net.graph.relu("relu", net.graph.batchNorm("bn1", tensor));
        int channels = CIFAR_WIDTHS[0];
        for (int stage = 0; stage < CIFAR_WIDTHS.length; stage++) {
            int width = CIFAR_WIDTHS[stage];
            for (int block = 0; block < blocks; block++) {
                String name = "layer" + (stage + 1) + "." + block;
                int stride = channels == width ? 1 : 2;
                String identity = channels == width
                        ? tensor
                        : shortcut == Shortcut.PROJECTED
                                ? net.projection(name + ".shortcut", tensor, width, stride)
                                : net.optionA(name + ".shortcut", tensor, channels, width, stride);
                tensor = net.sum(name, net.basic(name, tensor, width, stride), identity, 2);
                channels = width;
            }
        }
        return net.graph.classifiedByMeans("fc", tensor, classes);
    }

    /**
     * The ImageNet form, table 1, as torchvision builds and names it: in bottlenecks the 3x3 convolution has the stride.
     *
     * @param blocks of the four stages
     */
    static List<Node> large(boolean bottleneck, int[] blocks, int classes) {
        ResNet net = new ResNet();
        String tensor = net.graph.convolution("conv1", Network.INPUT, 64, 7, 2, false);
        tensor = net.graph.relu("relu", net.graph.batchNorm("bn1", tensor));
        tensor = net.graph.maxPool("maxpool", tensor, 3, 2, 1, false);
        int channels = 64;
        for (int stage = 0; stage < blocks.length; stage++) {
            int width = LARGE_WIDTHS[stage];
            int outputs = bottleneck ? width * BOTTLENECK_EXPANSION : width;
            for (int block = 0; block < blocks[stage]; block++) {
                String name = "layer" + (stage + 1) + "." + block;
                int stride = stage > 0 && block == 0 ? 2 : 1;
                String identity = stride == 1 && channels == outputs
                        ? tensor
                        : net.projection(name + ".downsample", tensor, outputs, stride);
                String branch = bottleneck
                        ? net.bottleneck(name, tensor, width, outputs, stride)
                        : net.basic(name, tensor, width, stride);
                tensor = net.sum(name, branch, identity, bottleneck ? 3 : 2);
                channels = outputs;
            }
        }
        return net.graph.classifiedByMeans("fc", tensor, classes);
    }

    private String basic(String name, String input, int width, int stride) {
        String branch = convolution(name, 1, input, width, 3, stride);
        return convolution(name, 2, graph.relu(name + ".relu1", branch), width, 3, 1);
    }

    private String bottleneck(String name, String input, int width, int outputs, int stride) {
        String branch = graph.relu(name + ".relu1", convolution(name, 1, input, width, 1, 1));
        branch = graph.relu(name + ".relu2", convolution(name, 2, branch, width, 3, stride));
        return convolution(name, 3, branch, outputs, 1, 1);
    }

    private String convolution(String block, int index, String input, int outputs, int kernel, int stride) {
        String convolution = graph.convolution(block + ".conv" + index, input, outputs, kernel, stride, false);
        return graph.batchNorm(block + ".bn" + index, convolution);
    }

    private String sum(String block, String branch, String identity, int convolutions) {
        return graph.relu(block + ".relu" + convolutions, graph.add(block + ".add", branch, identity));
    }

    private String projection(String name, String input, int width, int stride) {
        return graph.batchNorm(name + ".1", graph.convolution(name + ".0", input, width, 1, stride, false));
    }

    private String optionA(String name, String input, int channels, int width, int stride) {
        int pad = (width - channels) / 2;
        List<Integer> sources = IntStream.range(0, width)
                .map(j -> j >= pad && j - pad < channels ? j - pad : Layer.IndexMap.ZERO)
                .boxed()
                .toList();
        return graph.node(name, new Layer.IndexMap(sources, Extent.of(stride)), input);
    }
}
