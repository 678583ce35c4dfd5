package org.secateur.models.core.zoo;

import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.GraphBuilder;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;

/**
 * VGG (Simonyan and Zisserman 2015), numbered as torchvision's {@code features}: 3x3 convolutions with bias, optional
 * batch norm, ReLU; 2x2 max pools. Images below {@value #SMALL} pixels get one linear layer, larger ones torchvision's
 * three of 4096, 4096 and the classes, without dropout and without its adaptive pool (the same at 224 pixels).
 */
final class Vgg {
    private static final int SMALL = 64;
    private static final int POOL = 0;

    /** Output channels of the convolutions. vgg8 is ours: a convolution per width and four pools, so 28 pixels fit. */
    private static final Map<Integer, List<Integer>> FEATURES = Map.of(
            8, List.of(64, POOL, 128, POOL, 256, POOL, 512, POOL, 512),
            11, List.of(64, POOL, 128, POOL, 256, 256, POOL, 512, 512, POOL, 512, 512, POOL),
            13, List.of(64, 64, POOL, 128, 128, POOL, 256, 256, POOL, 512, 512, POOL, 512, 512, POOL),
            16, List.of(64, 64, POOL, 128, 128, POOL, 256, 256, 256, POOL, 512, 512, 512, POOL, 512, 512, 512, POOL),
            19,
                    List.of(
                            64, 64, POOL, 128, 128, POOL, 256, 256, 256, 256, POOL, 512, 512, 512, 512, POOL, 512, 512,
                            512, 512, POOL));

    private Vgg() {}

    static List<Node> nodes(int depth, boolean batchNorm, Shape input, int classes) {
        GraphBuilder graph = new GraphBuilder();
        String tensor = Network.INPUT;
        int index = 0;
        for (int width : FEATURES.getOrDefault(depth, List.of())) {
            if (width == POOL) {
                tensor = graph.maxPool(feature(index++), tensor, 2, 2, 0, false);
                continue;
            }
            tensor = graph.convolution(feature(index++), tensor, width, 3, 1, true);
            if (batchNorm) {
                tensor = graph.batchNorm(feature(index++), tensor);
            }
            tensor = graph.relu(feature(index++), tensor);
        }
        tensor = graph.node("flatten", new Layer.Flatten(), tensor);
        if (Math.min(input.height(), input.width()) < SMALL) {
            graph.linear("classifier", tensor, classes);
        } else {
            tensor = graph.relu("classifier.1", graph.linear("classifier.0", tensor, 4096));
            tensor = graph.relu("classifier.4", graph.linear("classifier.3", tensor, 4096));
            graph.linear("classifier.6", tensor, classes);
        }
        return graph.nodes();
    }

    private static String feature(int index) {
        return "features." + index;
    }
}
