package org.secateur.models.core.zoo;

import java.util.List;
import org.secateur.models.core.graph.GraphBuilder;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;

/** Networks of depthwise convolutions. */
final class MobileNet {
    /** Outputs and strides of version 1's thirteen separable convolutions. */
    private static final int[][] SEPARABLE = {
        {64, 1}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {512, 1},
        {1024, 2}, {1024, 1}
    };

    /** Version 2's table 2: expansion, outputs, repetitions and first stride. */
    private static final int[][] INVERTED = {
        {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
    };

    private final GraphBuilder graph = new GraphBuilder();

    private MobileNet() {}

    /**
     * MobileNets (Howard et al. 2017), table 1: a 3x3 convolution, thirteen depthwise 3x3 and pointwise convolutions, each
     * with batch norm and ReLU, global average pool, one linear layer.
     */
    static List<Node> version1(int classes) {
        MobileNet net = new MobileNet();
        GraphBuilder graph = net.graph;
        String tensor = graph.convolution("conv1", Network.INPUT, 32, 3, 2, false);
        tensor = graph.relu("relu1", graph.batchNorm("bn1", tensor));
        int channels = 32;
        for (int i = 0; i < SEPARABLE.length; i++) {
            String name = "layer" + (i + 1);
            tensor = graph.convolution(name + ".depthwise", tensor, channels, 3, SEPARABLE[i][1], 1, channels, false);
            tensor = graph.relu(name + ".relu1", graph.batchNorm(name + ".bn1", tensor));
            channels = SEPARABLE[i][0];
            tensor = graph.convolution(name + ".pointwise", tensor, channels, 1, 1, false);
            tensor = graph.relu(name + ".relu2", graph.batchNorm(name + ".bn2", tensor));
        }
        return graph.classifiedByMeans("fc", tensor, classes);
    }

    /**
     * MobileNetV2 (Sandler et al. 2018) as torchvision builds and names it: inverted residuals with ReLU6 and linear
     * outputs; without dropout.
     */
    static List<Node> version2(int classes) {
        MobileNet net = new MobileNet();
        String tensor = net.active("features.0", Network.INPUT, 32, 3, 2, 1);
        int channels = 32;
        int index = 1;
        for (int[] row : INVERTED) {
            for (int i = 0; i < row[2]; i++) {
                String name = "features." + index++;
                tensor = net.inverted(name, tensor, channels, row[0], row[1], i == 0 ? row[3] : 1);
                channels = row[1];
            }
        }
        tensor = net.active("features." + index, tensor, 1280, 1, 1, 1);
        return net.graph.classifiedByMeans("classifier.1", tensor, classes);
    }

    private String inverted(String name, String input, int channels, int expansion, int outputs, int stride) {
        String branch = input;
        int hidden = channels * expansion;
        int part = 0;
        if (expansion > 1) {
            branch = active(name + ".conv." + part++, branch, hidden, 1, 1, 1);
        }
        branch = active(name + ".conv." + part++, branch, hidden, 3, stride, hidden);
        branch = graph.convolution(name + ".conv." + part++, branch, outputs, 1, 1, false);
        branch = graph.batchNorm(name + ".conv." + part, branch);
        return stride == 1 && channels == outputs ? graph.add(name + ".add", branch, input) : branch;
    }

    private String active(String name, String input, int outputs, int kernel, int stride, int groups) {
        String tensor = graph.convolution(name + ".0", input, outputs, kernel, stride, kernel / 2, groups, false);
        return graph.relu6(name + ".2", graph.batchNorm(name + ".1", tensor));
    }
}
