package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Operation.Operand;

/** The tensors of a network: their names (PyTorch's), shapes and kinds. */
public final class Parameters {
    private Parameters() {}

    /** Whether the optimizer steps a tensor. */
    public enum Kind {
        TRAINED,
        BUFFER
    }

    /**
     * One tensor of the network.
     *
     * @param name for example {@code layer1.0.bn1.running_mean}
     * @param node the node that it belongs to
     * @param shape its dimensions, outermost first
     */
    public record Tensor(String name, String node, Kind kind, List<Integer> shape) {
        public Tensor {
            shape = List.copyOf(shape);
        }

        /** The number of elements. */
        public long elements() {
            return shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
        }

        /** The shape as an array. */
        public int[] dimensions() {
            return shape.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    /** All tensors of the network, in its order. */
    public static List<Tensor> of(Network network) {
        Map<String, Shape> shapes = Shapes.of(network);
        List<Tensor> tensors = new ArrayList<>();
        for (Node node : network.nodes()) {
            tensors.addAll(of(node.name(), node.layer(), Shapes.inputs(node, shapes)));
        }
        return List.copyOf(tensors);
    }

    /** The tensors of one layer that reads {@code inputs}. */
    public static List<Tensor> of(String node, Layer layer, List<Shape> inputs) {
        Shape in = inputs.get(0);
        return switch (layer) {
            case Layer.Convolution l ->
                weightAndBias(
                        node,
                        l.bias(),
                        List.of(
                                l.outputs(),
                                in.channels() / l.groups(),
                                l.kernel().height(),
                                l.kernel().width()));
            case Layer.Linear l -> weightAndBias(node, l.bias(), List.of(l.outputs(), in.channels()));
            case Layer.BatchNorm l -> {
                List<Integer> channels = List.of(in.channels());
                yield List.of(
                        new Tensor(node + ".weight", node, Kind.TRAINED, channels),
                        new Tensor(node + ".bias", node, Kind.TRAINED, channels),
                        new Tensor(node + ".running_mean", node, Kind.BUFFER, channels),
                        new Tensor(node + ".running_var", node, Kind.BUFFER, channels));
            }
            case Layer.Shift l ->
                List.of(new Tensor(
                        node + ".shift",
                        node,
                        Kind.BUFFER,
                        l.operand() == Operand.MAP
                                ? List.of(in.channels(), in.height(), in.width())
                                : List.of(in.channels())));
            case Layer.Activation l -> List.of();
            case Layer.Pooling l -> List.of();
            case Layer.Pad l -> List.of();
            case Layer.GlobalAveragePool l -> List.of();
            case Layer.Flatten l -> List.of();
            case Layer.Add l -> List.of();
            case Layer.Concat l -> List.of();
            case Layer.IndexMap l -> List.of();
        };
    }

    /**
     * Demands that {@code state} holds exactly the network's tensors in their shapes, and no momentum of another shape.
     *
     * @throws IllegalArgumentException naming the first tensor that does not fit
     */
    public static void requireFit(Network network, ModelState state) {
        int trained = 0;
        int buffers = 0;
        for (Tensor tensor : of(network)) {
            boolean isTrained = tensor.kind() == Kind.TRAINED;
            requireShape(tensor, isTrained ? state.parameter(tensor.name()) : state.buffer(tensor.name()));
            HostTensor momentum = state.momentum().get(tensor.name());
            if (momentum != null) {
                requireShape(tensor, momentum);
            }
            trained += isTrained ? 1 : 0;
            buffers += isTrained ? 0 : 1;
        }
        if (trained != state.parameters().size() || buffers != state.buffers().size()) {
            throw new IllegalArgumentException(
                    "state with " + state.parameters().size() + " parameters and "
                            + state.buffers().size() + " buffers: network " + network.name() + " has " + trained
                            + " and " + buffers);
        }
    }

    private static void requireShape(Tensor tensor, HostTensor held) {
        if (!Arrays.equals(held.shape(), tensor.dimensions())) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " has shape " + Arrays.toString(held.shape())
                    + ": expected " + tensor.shape());
        }
    }

    private static List<Tensor> weightAndBias(String node, boolean bias, List<Integer> shape) {
        Tensor weight = new Tensor(node + ".weight", node, Kind.TRAINED, shape);
        return bias
                ? List.of(weight, new Tensor(node + ".bias", node, Kind.TRAINED, List.of(shape.get(0))))
                : List.of(weight);
    }
}
