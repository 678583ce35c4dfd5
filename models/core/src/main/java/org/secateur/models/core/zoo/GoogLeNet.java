package org.secateur.models.core.zoo;

import java.util.List;
import org.secateur.models.core.graph.GraphBuilder;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;

/**
 * GoogLeNet ("Going deeper with convolutions", Szegedy et al. 2015) as torchvision builds and names it: with batch norm
 * instead of response normalisation, a 3x3 kernel where the paper has 5x5, and here without dropout and the auxiliary
 * classifiers, which inference does not use.
 */
final class GoogLeNet {
    /** Table 1 by module: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection. */
    private static final int[][] MODULES = {
        {64, 96, 128, 16, 32, 32},
        {128, 128, 192, 32, 96, 64},
        {192, 96, 208, 16, 48, 64},
        {160, 112, 224, 24, 64, 64},
        {128, 128, 256, 24, 64, 64},
        {112, 144, 288, 32, 64, 64},
        {256, 160, 320, 32, 128, 128},
        {256, 160, 320, 32, 128, 128},
        {384, 192, 384, 48, 128, 128}
    };

    private static final List<String> NAMES = List.of("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b");

    private final GraphBuilder graph = new GraphBuilder(1e-3);

    private GoogLeNet() {}

    static List<Node> nodes(int classes) {
        GoogLeNet net = new GoogLeNet();
        GraphBuilder graph = net.graph;
        String tensor = net.convolution("conv1", Network.INPUT, 64, 7, 2);
        tensor = graph.maxPool("maxpool1", tensor, 3, 2, 0, true);
        tensor = net.convolution("conv3", net.convolution("conv2", tensor, 64, 1, 1), 192, 3, 1);
        tensor = graph.maxPool("maxpool2", tensor, 3, 2, 0, true);
        for (int i = 0; i < MODULES.length; i++) {
            tensor = net.module("inception" + NAMES.get(i), tensor, MODULES[i]);
            if (NAMES.get(i).equals("3b")) {
                tensor = graph.maxPool("maxpool3", tensor, 3, 2, 0, true);
            } else if (NAMES.get(i).equals("4e")) {
                tensor = graph.maxPool("maxpool4", tensor, 2, 2, 0, true);
            }
        }
        return graph.classifiedByMeans("fc", tensor, classes);
    }

    private String module(String name, String input, int[] widths) {
        String one = convolution(name + ".branch1", input, widths[0], 1, 1);
        String two = convolution(name + ".branch2.0", input, widths[1], 1, 1);
        two = convolution(name + ".branch2.1", two, widths[2], 3, 1);
        String three = convolution(name + ".branch3.0", input, widths[3], 1, 1);
        three = convolution(name + ".branch3.1", three, widths[4], 3, 1);
        String four = graph.maxPool(name + ".branch4.0", input, 3, 1, 1, true);
        four = convolution(name + ".branch4.1", four, widths[5], 1, 1);
        return graph.concat(name, one, two, three, four);
    }

    private String convolution(String name, String input, int outputs, int kernel, int stride) {
        String tensor = graph.convolution(name + ".conv", input, outputs, kernel, stride, false);
        return graph.relu(name + ".relu", graph.batchNorm(name + ".bn", tensor));
    }
}
