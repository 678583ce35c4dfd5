package org.secateur.models.core.graph;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;

/** The kept slices of every tensor, momentum alike. */
final class Selection {
    private final ModelState from;
    private final Map<String, Shape> shapes;
    private final Kept kept;
    private final Map<String, HostTensor> parameters = new LinkedHashMap<>();
    private final Map<String, HostTensor> momentum = new LinkedHashMap<>();
    private final Map<String, HostTensor> buffers = new LinkedHashMap<>();

    Selection(Network network, ModelState from, Kept kept) {
        this.from = from;
        this.kept = kept;
        shapes = Shapes.of(network);
        for (Node node : network.nodes()) {
            if (!kept.deleted(node.name())) {
                select(node, Parameters.of(node.name(), node.layer(), Shapes.inputs(node, shapes)));
            }
        }
    }

    ModelState state() {
        return new ModelState(parameters, momentum, buffers);
    }

    private void select(Node node, List<Tensor> tensors) {
        boolean weighted = node.layer() instanceof Layer.Convolution || node.layer() instanceof Layer.Linear;
        for (Tensor tensor : tensors) {
            boolean matrix = weighted && tensor.shape().size() > 1;
            if (tensor.kind() == Kind.BUFFER) {
                buffers.put(tensor.name(), slice(node, from.buffer(tensor.name()), matrix));
                continue;
            }
            parameters.put(tensor.name(), slice(node, from.parameter(tensor.name()), matrix));
            HostTensor velocity = from.momentum().get(tensor.name());
            if (velocity != null) {
                momentum.put(tensor.name(), slice(node, velocity, matrix));
            }
        }
    }

    private HostTensor slice(Node node, HostTensor tensor, boolean matrix) {
        HostTensor outputs = tensor.select(0, kept.features(node.name()));
        return matrix ? outputs.select(1, inputs(node)) : outputs;
    }

    /** Which input channels of a filter stay; in a convolution of several groups the same in all of them. */
    private int[] inputs(Node node) {
        int[] features = kept.features(node.input());
        if (!(node.layer() instanceof Layer.Convolution l) || l.groups() == 1) {
            return features;
        }
        int inputs = Shapes.require(shapes, node.input()).channels();
        int[] each = l.depthwise(inputs) ? new int[] {0} : features;
        return Arrays.stream(each).filter(f -> f < inputs / l.groups()).toArray();
    }
}
