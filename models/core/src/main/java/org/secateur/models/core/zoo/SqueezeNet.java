package org.secateur.models.core.zoo;

import java.util.List;
import org.secateur.models.core.graph.GraphBuilder;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;

/**
 * SqueezeNet 1.0 (Iandola et al. 2016, table 1) as torchvision builds and names it, without dropout: eight fire modules,
 * each a 1x1 convolution read by a 1x1 and a 3x3 one, whose outputs are concatenated.
 */
final class SqueezeNet {
    /** Outputs of the squeezing convolution and of each of the two expanding ones. */
    private static final int[][] FIRES = {
        {16, 64}, {16, 64}, {32, 128}, {32, 128}, {48, 192}, {48, 192}, {64, 256}, {64, 256}
    };

    private SqueezeNet() {}

    static List<Node> nodes(int classes) {
        GraphBuilder graph = new GraphBuilder();
        String tensor = graph.convolution("features.0", Network.INPUT, 96, 7, 2, 0, 1, true);
        tensor = graph.maxPool("features.2", graph.relu("features.1", tensor), 3, 2, 0, true);
        int index = 3;
        for (int i = 0; i < FIRES.length; i++) {
            tensor = fire(graph, "features." + index++, tensor, FIRES[i][0], FIRES[i][1]);
            if (i == 2 || i == 6) {
                tensor = graph.maxPool("features." + index++, tensor, 3, 2, 0, true);
            }
        }
        tensor = graph.relu("classifier.2", graph.convolution("classifier.1", tensor, classes, 1, 1, true));
        graph.node("classifier.3", new Layer.GlobalAveragePool(), tensor);
        return graph.nodes();
    }

    private static String fire(GraphBuilder graph, String name, String input, int squeezed, int expanded) {
        String squeeze = graph.convolution(name + ".squeeze", input, squeezed, 1, 1, true);
        squeeze = graph.relu(name + ".squeeze_activation", squeeze);
        String one = graph.convolution(name + ".expand1x1", squeeze, expanded, 1, 1, true);
        String three = graph.convolution(name + ".expand3x3", squeeze, expanded, 3, 1, true);
        return graph.concat(
                name,
                graph.relu(name + ".expand1x1_activation", one),
                graph.relu(name + ".expand3x3_activation", three));
    }
}
