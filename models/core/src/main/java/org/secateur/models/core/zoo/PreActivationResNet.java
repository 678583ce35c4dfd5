package org.secateur.models.core.zoo;

import java.util.List;
import org.secateur.models.core.graph.GraphBuilder;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;

/**
 * Residual networks in which batch norm and ReLU stand before the convolutions ("Identity Mappings in Deep Residual
 * Networks", He et al. 2016), for CIFAR's images: a 3x3 convolution of 16 channels, three stages, batch norm, ReLU,
 * global average pool, one linear layer. A block that changes the width adds a 1x1 convolution, which reads what the
 * branch's first convolution reads; it stands before the branch, so that a stage keeps its name when branches die.
 */
final class PreActivationResNet {
    private static final int[] WIDTHS = {16, 32, 64};
    private static final int BOTTLENECK_EXPANSION = 4;

    private final GraphBuilder graph = new GraphBuilder();
    private final boolean bottleneck;

    private PreActivationResNet(boolean bottleneck) {
        this.bottleneck = bottleneck;
    }

    /** Bottlenecks with four times as many outputs; 9n + 2 layers. */
    static List<Node> bottlenecks(int depth, int classes) {
        return new PreActivationResNet(true).nodes((depth - 2) / 9, 1, classes);
    }

    /** Wide residual networks (Zagoruyko and Komodakis 2016): basic blocks of {@code widening} times the width; 6n + 4. */
    static List<Node> wide(int depth, int widening, int classes) {
        return new PreActivationResNet(false).nodes((depth - 4) / 6, widening, classes);
    }

    private List<Node> nodes(int blocks, int widening, int classes) {
        String tensor = graph.convolution("conv1", Network.INPUT, WIDTHS[0], 3, 1, false);
        int channels = WIDTHS[0];
        for (int stage = 0; stage < WIDTHS.length; stage++) {
            int width = WIDTHS[stage] * widening;
            int outputs = bottleneck ? width * BOTTLENECK_EXPANSION : width;
            for (int block = 0; block < blocks; block++) {
                String name = "layer" + (stage + 1) + "." + block;
                int stride = stage > 0 && block == 0 ? 2 : 1;
                String active = activated(name, 1, tensor);
                String identity = channels == outputs
                        ? tensor
                        : graph.convolution(name + ".shortcut", active, outputs, 1, stride, false);
                String branch =
                        bottleneck ? bottleneck(name, active, width, stride) : basic(name, active, width, stride);
                tensor = graph.add(name + ".add", branch, identity);
                channels = outputs;
            }
        }
        tensor = graph.relu("relu", graph.batchNorm("bn", tensor));
        return graph.classifiedByMeans("fc", tensor, classes);
    }

    private String basic(String name, String active, int width, int stride) {
        String branch = graph.convolution(name + ".conv1", active, width, 3, stride, false);
        return graph.convolution(name + ".conv2", activated(name, 2, branch), width, 3, 1, false);
    }

    private String bottleneck(String name, String active, int width, int stride) {
        String branch = graph.convolution(name + ".conv1", active, width, 1, 1, false);
        branch = graph.convolution(name + ".conv2", activated(name, 2, branch), width, 3, stride, false);
        int outputs = width * BOTTLENECK_EXPANSION;
        return graph.convolution(name + ".conv3", activated(name, 3, branch), outputs, 1, 1, false);
    }

    private String activated(String block, int index, String input) {
        return graph.relu(block + ".relu" + index, graph.batchNorm(block + ".bn" + index, input));
    }
}
