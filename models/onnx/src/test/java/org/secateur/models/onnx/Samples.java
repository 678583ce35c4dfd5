package org.secateur.models.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/** Networks and numbers to try files with. */
final class Samples {
    private Samples() {}

    /** A network of the zoo for ten classes of images about as small as it takes, higher than wide. */
    static Network small(String name) {
        int side = name.startsWith("vgg") || name.startsWith("densenet121") || name.startsWith("google")
                ? 32
                : name.startsWith("alexnet") ? 63 : name.startsWith("squeezenet") ? 28 : 20;
        return Zoo.network(name, Optional.of(new Shape(3, side + 1, side)), OptionalInt.of(10));
    }

    /**
     * Numbers for every tensor, none of them zero: weights uniform with the variance 2 / inputs (He et al. 2015), scales
     * and variances of 0.5 to 1, the rest within ±0.2.
     */
    static ModelState state(Network network, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, HostTensor> parameters = new LinkedHashMap<>();
        Map<String, HostTensor> buffers = new LinkedHashMap<>();
        for (Tensor tensor : Parameters.of(network)) {
            HostTensor values = HostTensor.zeros(tensor.dimensions());
            boolean matrix = tensor.shape().size() > 1 && tensor.kind() == Kind.TRAINED;
            boolean scale = !matrix
                    && (tensor.name().endsWith(".weight") || tensor.name().endsWith("_var"));
            double inputs = (double) tensor.elements() / tensor.shape().get(0);
            double bound = matrix ? Math.sqrt(6 / inputs) : 0.2;
            for (int i = 0; i < values.data().length; i++) {
                double uniform = random.nextDouble();
                values.data()[i] = (float) (scale ? 0.5 + 0.5 * uniform : bound * (2 * uniform - 1));
            }
            (tensor.kind() == Kind.TRAINED ? parameters : buffers).put(tensor.name(), values);
        }
        return new ModelState(parameters, Map.of(), buffers);
    }

    /** An image of numbers within ±1. */
    static float[] image(Network network, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] image = new float[network.input().elements()];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) (2 * random.nextDouble() - 1);
        }
        return image;
    }

    /** For every group that may shrink between a third and all of its channels. */
    static Map<String, int[]> kept(Network network, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, int[]> kept = new LinkedHashMap<>();
        for (ChannelGroup group : ChannelGroups.of(network).prunable()) {
            int least = Math.max(1, group.channels() / 3);
            int[] channels = IntStream.range(0, group.channels())
                    .filter(c -> random.nextInt(3) > 0)
                    .toArray();
            kept.put(
                    group.id(),
                    channels.length < least ? IntStream.range(0, least).toArray() : channels);
        }
        return kept;
    }

    /** Every kind of layer in every form that the zoo leaves out. */
    static Network patchwork() {
        List<Node> nodes = new ArrayList<>();
        Extent one = Extent.of(1);
        Extent two = Extent.of(2);
        add(
                nodes,
                "conv",
                new Layer.Convolution(6, new Extent(3, 2), new Extent(1, 2), new Extent(2, 1), two, 1, true),
                "input");
        add(nodes, "norm", new Layer.BatchNorm(1e-3, 0.25), "conv");
        add(nodes, "relu6", new Layer.Activation(ActivationKind.RELU6), "norm");
        add(nodes, "grouped", new Layer.Convolution(12, one, one, Extent.of(0), one, 3, false), "relu6");
        add(nodes, "depthwise", new Layer.Convolution(24, Extent.of(3), one, one, one, 12, false), "grouped");
        add(nodes, "map", new Layer.Shift(Operand.MAP), "depthwise");
        add(nodes, "shift", new Layer.Shift(Operand.CHANNEL), "map");
        add(nodes, "maximum", new Layer.Pooling(PoolingKind.MAX, Extent.of(3), two, one, false), "shift");
        add(nodes, "gathered", new Layer.IndexMap(List.of(3, -1, 0, 3, 23, -1), two), "shift");
        add(nodes, "padded", new Layer.IndexMap(padding(24, 2, 1), one), "shift");
        add(nodes, "chosen", new Layer.IndexMap(List.of(1, 0), one), "shift");
        add(nodes, "strided", new Layer.IndexMap(padding(24, 0, 0), new Extent(2, 1)), "shift");
        add(nodes, "same", new Layer.IndexMap(padding(24, 0, 0), one), "shift");
        add(nodes, "concat", new Layer.Concat(), "padded", "chosen", "same");
        add(nodes, "bounded", new Layer.Activation(new ActivationKind(-0.7, 1.1)), "concat");
        add(nodes, "average", new Layer.Pooling(PoolingKind.AVERAGE, new Extent(3, 2), two, one, false), "bounded");
        add(nodes, "bordered", new Layer.Pad(new Extent(0, 1), new Extent(2, 1), 0.25), "average");
        add(nodes, "dilated", new Layer.Pooling(PoolingKind.MAX, two, one, one, false, new Extent(1, 2)), "bordered");
        add(nodes, "lower", new Layer.Activation(new ActivationKind(0.2, Double.POSITIVE_INFINITY)), "dilated");
        add(nodes, "counted", new Layer.Pooling(PoolingKind.PADDED_AVERAGE, Extent.of(3), two, one, false), "lower");
        add(nodes, "upper", new Layer.Activation(new ActivationKind(Double.NEGATIVE_INFINITY, 3)), "counted");
        add(nodes, "flatten", new Layer.Flatten(), "upper");
        add(nodes, "hidden", new Layer.Linear(8, false), "flatten");
        add(nodes, "norm1d", new Layer.BatchNorm(1e-5, 0.1), "hidden");
        add(nodes, "shift1d", new Layer.Shift(Operand.CHANNEL), "norm1d");
        add(nodes, "pool1", new Layer.GlobalAveragePool(), "maximum");
        add(nodes, "pool2", new Layer.GlobalAveragePool(), "gathered");
        add(nodes, "pool3", new Layer.GlobalAveragePool(), "strided");
        add(nodes, "both", new Layer.Concat(), "shift1d", "pool1");
        add(nodes, "pointwise", new Layer.Convolution(6, one, one, Extent.of(0), one, 1, true), "shift1d");
        add(nodes, "sum", new Layer.Add(), "pool2", "pointwise");
        add(nodes, "logits.weight", new Layer.Concat(), "both", "sum", "pool3");
        add(nodes, "logits", new Layer.Linear(4, true), "logits.weight");
        return new Network("patchwork", new Shape(2, 9, 8), 4, nodes);
    }

    private static List<Integer> padding(int channels, int before, int after) {
        return IntStream.range(-before, channels + after)
                .map(i -> i < 0 || i >= channels ? -1 : i)
                .boxed()
                .toList();
    }

    private static void add(List<Node> nodes, String name, Layer layer, String... inputs) {
        nodes.add(new Node(name, layer, List.of(inputs)));
    }
}
