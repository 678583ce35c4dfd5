package org.secateur.models.core.zoo;

import java.util.List;
import org.secateur.models.core.graph.GraphBuilder;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.PoolingKind;

/**
 * Densely connected networks (Huang et al. 2017), in torchvision's names: batch norm and ReLU stand before each
 * convolution, and every layer's output is concatenated to all before it. Between blocks stand a 1x1 convolution and an
 * average pool.
 */
final class DenseNet {
    private static final String FEATURES = "features.";
    private static final int BOTTLENECK = 4;

    private final GraphBuilder graph = new GraphBuilder();
    private final int growth;
    private final boolean bottlenecks;
    private int channels;

    private DenseNet(int growth, boolean bottlenecks, int channels) {
        this.growth = growth;
        this.bottlenecks = bottlenecks;
        this.channels = channels;
    }

    /** The basic form for CIFAR: 16 channels and three blocks of 3x3 convolutions, transitions that keep the width. */
    static List<Node> cifar(int depth, int growth, int classes) {
        DenseNet net = new DenseNet(growth, false, 16);
        String tensor = net.graph.convolution(FEATURES + "conv0", Network.INPUT, 16, 3, 1, false);
        int layers = (depth - 4) / 3;
        return net.nodes(tensor, new int[] {layers, layers, layers}, 1, classes);
    }

    /** The ImageNet form with bottlenecks and compression by half (BC), table 1, with a growth of 32. */
    static List<Node> large(int[] layers, int classes) {
        DenseNet net = new DenseNet(32, true, 64);
        String tensor = net.graph.convolution(FEATURES + "conv0", Network.INPUT, 64, 7, 2, false);
        tensor = net.graph.maxPool(FEATURES + "pool0", net.active(FEATURES, "0", tensor), 3, 2, 1, false);
        return net.nodes(tensor, layers, 2, classes);
    }

    private List<Node> nodes(String input, int[] layers, int compression, int classes) {
        String tensor = input;
        for (int block = 1; block <= layers.length; block++) {
            for (int layer = 1; layer <= layers[block - 1]; layer++) {
                tensor = layer(FEATURES + "denseblock" + block + ".denselayer" + layer, tensor);
            }
            if (block < layers.length) {
                tensor = transition(FEATURES + "transition" + block + ".", tensor, channels / compression);
            }
        }
        tensor = active(FEATURES, String.valueOf(layers.length + 1), tensor);
        return graph.classifiedByMeans("classifier", tensor, classes);
    }

    private String layer(String name, String input) {
        String tensor = active(name + ".", "1", input);
        if (bottlenecks) {
            tensor = graph.convolution(name + ".conv1", tensor, BOTTLENECK * growth, 1, 1, false);
            tensor = graph.convolution(name + ".conv2", active(name + ".", "2", tensor), growth, 3, 1, false);
        } else {
            tensor = graph.convolution(name + ".conv1", tensor, growth, 3, 1, false);
        }
        channels += growth;
        return graph.concat(name, input, tensor);
    }

    private String transition(String prefix, String input, int outputs) {
        String tensor = graph.convolution(prefix + "conv", active(prefix, "", input), outputs, 1, 1, false);
        channels = outputs;
        Extent two = Extent.of(2);
        return graph.node(
                prefix + "pool", new Layer.Pooling(PoolingKind.AVERAGE, two, two, Extent.of(0), false), tensor);
    }

    private String active(String prefix, String index, String input) {
        return graph.relu(prefix + "relu" + index, graph.batchNorm(prefix + "norm" + index, input));
    }
}
