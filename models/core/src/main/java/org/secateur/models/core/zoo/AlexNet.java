package org.secateur.models.core.zoo;

import java.util.List;
import org.secateur.models.core.graph.GraphBuilder;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;

/**
 * AlexNet as torchvision builds and names it ("One weird trick for parallelizing convolutional neural networks",
 * Krizhevsky 2014): one tower, without response normalisation, dropout and adaptive pool (the same at 224 pixels).
 */
final class AlexNet {
    private AlexNet() {}

    static List<Node> nodes(int classes) {
        GraphBuilder graph = new GraphBuilder();
        String tensor = graph.convolution("features.0", Network.INPUT, 64, 11, 4, 2, 1, true);
        tensor = graph.maxPool("features.2", graph.relu("features.1", tensor), 3, 2, 0, false);
        tensor = graph.convolution("features.3", tensor, 192, 5, 1, true);
        tensor = graph.maxPool("features.5", graph.relu("features.4", tensor), 3, 2, 0, false);
        tensor = graph.convolution("features.6", tensor, 384, 3, 1, true);
        tensor = graph.convolution("features.8", graph.relu("features.7", tensor), 256, 3, 1, true);
        tensor = graph.convolution("features.10", graph.relu("features.9", tensor), 256, 3, 1, true);
        tensor = graph.maxPool("features.12", graph.relu("features.11", tensor), 3, 2, 0, false);
        tensor = graph.node("flatten", new Layer.Flatten(), tensor);
        tensor = graph.relu("classifier.2", graph.linear("classifier.1", tensor, 4096));
        tensor = graph.relu("classifier.5", graph.linear("classifier.4", tensor, 4096));
        graph.linear("classifier.6", tensor, classes);
        return graph.nodes();
    }
}
