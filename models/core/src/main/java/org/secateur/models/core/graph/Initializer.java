package org.secateur.models.core.graph;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;

/**
 * Seeded initial weights, the same bits on any machine. Convolutions: normal with variance 2 / (outputs x kernel pixels)
 * (He et al. 2015, fan-out, as torchvision's ResNets), bias 0. Linear: uniform in ±1/sqrt(inputs), weight and bias
 * (PyTorch's default). Batch norm: gamma 1, beta 0, mean 0, variance 1. Shifts 0. Each tensor draws from its own stream,
 * seeded by its name.
 */
public final class Initializer {
    private final long seed;

    public Initializer(long seed) {
        this.seed = seed;
    }

    /** Fresh weights for a network, without momentum. */
    public ModelState initialize(Network network) {
        Map<String, HostTensor> parameters = new LinkedHashMap<>();
        Map<String, HostTensor> buffers = new LinkedHashMap<>();
        Map<String, Shape> shapes = Shapes.of(network);
        for (Node node : network.nodes()) {
            for (Tensor tensor : Parameters.of(node.name(), node.layer(), Shapes.inputs(node, shapes))) {
                int inputs = Shapes.require(shapes, node.input()).channels();
                (tensor.kind() == Kind.TRAINED ? parameters : buffers)
                        .put(tensor.name(), values(tensor, node.layer(), inputs));
            }
        }
        return new ModelState(parameters, Map.of(), buffers);
    }

    private HostTensor values(Tensor tensor, Layer layer, int inputs) {
        boolean weight = tensor.name().endsWith(".weight");
        return switch (layer) {
            case Layer.Convolution l
            when weight ->
                normal(
                        tensor,
                        Math.sqrt(2.0
                                / ((double) l.outputs()
                                        * l.kernel().height()
                                        * l.kernel().width())));
            case Layer.Linear l -> uniform(tensor, 1 / Math.sqrt(inputs));
            case Layer.BatchNorm l ->
                HostTensor.filled(weight || tensor.name().endsWith(".running_var") ? 1 : 0, tensor.dimensions());
            default -> HostTensor.zeros(tensor.dimensions());
        };
    }

    private HostTensor normal(Tensor tensor, double deviation) {
        Random random = stream(tensor.name());
        HostTensor values = HostTensor.zeros(tensor.dimensions());
        for (int i = 0; i < values.data().length; i++) {
            values.data()[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private HostTensor uniform(Tensor tensor, double bound) {
        Random random = stream(tensor.name());
        HostTensor values = HostTensor.zeros(tensor.dimensions());
        for (int i = 0; i < values.data().length; i++) {
            values.data()[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        return values;
    }

    /** java.util.Random, because its algorithm is part of its specification. */
    private Random stream(String name) {
        long mixed = seed * 0x9E3779B97F4A7C15L + name.hashCode();
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return new Random(mixed ^ (mixed >>> 31));
    }
}
