package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.List;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.PoolingKind;

/** A network of what the zoo lacks: unpadded and dilated convolutions, bottlenecks, padded pools, batch norm after linear. */
final class Patchwork {
    private final List<Node> nodes = new ArrayList<>();

    private Patchwork() {}

    static Network network() {
        Patchwork p = new Patchwork();
        String x = p.conv("stem", Network.INPUT, 6, 3, 0, false);
        x = p.relu(p.norm(x));
        x = p.relu(p.conv("point", x, 7, 1, 0, true));
        x = p.conv("bare", x, 6, 3, 1, false);
        x = p.add("pool1", new Layer.Pooling(PoolingKind.AVERAGE, Extent.of(3), Extent.of(1), Extent.of(1), false), x);
        for (int block = 0; block < 2; block++) {
            String name = "block" + block;
            String y = p.relu(p.norm(p.conv(name + ".conv1", x, 4, 1, 0, false)));
            y = p.relu(p.norm(p.conv(name + ".conv2", y, 5, 3, 1, false)));
            y = p.norm(p.conv(name + ".conv3", y, 6, 1, 0, false));
            x = p.add(name + ".add", new Layer.Add(), x, y);
            x = p.relu(x);
        }
        x = p.norm(x);
        x = p.relu(p.conv("last", x, 5, 3, 1, false));
        x = p.add("pool2", new Layer.Pooling(PoolingKind.MAX, Extent.of(3), Extent.of(2), Extent.of(1), false), x);
        x = p.add("flatten", new Layer.Flatten(), x);
        x = p.relu(p.add("fc1", new Layer.Linear(9, false), x));
        x = p.relu(p.norm(p.add("fc2", new Layer.Linear(8, false), x)));
        p.add("fc3", new Layer.Linear(4, false), x);
        return new Network("patchwork", new Shape(2, 8, 7), 4, p.nodes);
    }

    private String conv(String name, String input, int outputs, int kernel, int padding, boolean bias) {
        return add(
                name,
                new Layer.Convolution(
                        outputs, Extent.of(kernel), Extent.of(1), Extent.of(padding), Extent.of(1), 1, bias),
                input);
    }

    private String norm(String input) {
        return add(input + ".bn", new Layer.BatchNorm(1e-5, 0.1), input);
    }

    private String relu(String input) {
        return add(input + ".relu", new Layer.Activation(ActivationKind.RELU), input);
    }

    private String add(String name, Layer layer, String... inputs) {
        nodes.add(new Node(name, layer, List.of(inputs)));
        return name;
    }
}
