package org.secateur.models.libtorch;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/** Small networks for tests. */
final class TestNetworks {
    private TestNetworks() {}

    /** Every kind of layer once at least, with tensors that have two readers. */
    static Network everything() {
        Extent one = Extent.of(1);
        Extent two = Extent.of(2);
        Extent three = Extent.of(3);
        Extent four = Extent.of(4);
        return new Network(
                "everything",
                new Shape(3, 7, 6),
                4,
                List.of(
                        node("conv1", convolution(6, 3, 1, 1, 1, false), Network.INPUT),
                        node("bn1", new Layer.BatchNorm(1e-5, 0.1), "conv1"),
                        node("relu1", relu(), "bn1"),
                        node("scattered", new Layer.IndexMap(List.of(-1, 2, 0, 5, -1, 1, 3, 4), two), "relu1"),
                        node("padded", new Layer.IndexMap(List.of(-1, 0, 1, 2, 3, 4, 5, -1), two), "relu1"),
                        node("conv2", convolution(8, 3, 2, 1, 2, true), "relu1"),
                        node("bn2", new Layer.BatchNorm(1e-3, 0.2), "conv2"),
                        node("add1", new Layer.Add(), "scattered", "bn2"),
                        node("relu2", relu(), "add1"),
                        node("add2", new Layer.Add(), "padded", "relu2"),
                        node("shift1", new Layer.Shift(Operand.CHANNEL), "add2"),
                        node("concat", new Layer.Concat(), "shift1", "relu2"),
                        node("depthwise", convolution(16, 3, 1, 1, 16, false), "concat"),
                        node("shift2", new Layer.Shift(Operand.MAP), "depthwise"),
                        node("dilated", new Layer.Convolution(6, three, one, two, two, 1, true), "shift2"),
                        node("relu3", relu(), "dilated"),
                        node("border", new Layer.Pad(new Extent(0, 1), new Extent(1, 0), 0.25), "relu3"),
                        node("max", new Layer.Pooling(PoolingKind.MAX, two, one, Extent.of(0), false, two), "border"),
                        node("bounded", new Layer.Activation(new ActivationKind(-1, 3)), "max"),
                        node("mean", new Layer.Pooling(PoolingKind.PADDED_AVERAGE, four, one, one, false), "relu3"),
                        node("smaller", new Layer.Pooling(PoolingKind.AVERAGE, two, one, Extent.of(0), false), "relu3"),
                        node("means", new Layer.Add(), "mean", "smaller"),
                        node("add3", new Layer.Add(), "bounded", "means"),
                        node("flatten", new Layer.Flatten(), "add3"),
                        node("hidden", new Layer.Linear(5, true), "flatten"),
                        node("shift3", new Layer.Shift(Operand.CHANNEL), "hidden"),
                        node("relu4", relu(), "shift3"),
                        node("pooled", new Layer.GlobalAveragePool(), "add3"),
                        node("more", new Layer.Linear(5, false), "pooled"),
                        node("add4", new Layer.Add(), "relu4", "more"),
                        node("fc", new Layer.Linear(4, true), "add4")));
    }

    /** Two convolutions with batch norm, of these widths. */
    static Network small(int first, int second) {
        return new Network(
                "small",
                new Shape(3, 8, 8),
                4,
                List.of(
                        node("conv1", convolution(first, 3, 1, 1, 1, false), Network.INPUT),
                        node("bn1", new Layer.BatchNorm(1e-5, 0.1), "conv1"),
                        node("relu1", relu(), "bn1"),
                        node("conv2", convolution(second, 3, 2, 1, 1, false), "relu1"),
                        node("bn2", new Layer.BatchNorm(1e-5, 0.1), "conv2"),
                        node("relu2", relu(), "bn2"),
                        node("pool", new Layer.GlobalAveragePool(), "relu2"),
                        node("flatten", new Layer.Flatten(), "pool"),
                        node("fc", new Layer.Linear(4, true), "flatten")));
    }

    /** The state of {@link #small} without all but the first channels of its first convolution. */
    static ModelState keepFirst(ModelState state, int channels) {
        return new ModelState(
                keepFirst(state.parameters(), channels),
                keepFirst(state.momentum(), channels),
                keepFirst(state.buffers(), channels));
    }

    private static Map<String, HostTensor> keepFirst(Map<String, HostTensor> tensors, int channels) {
        int[] kept = new int[channels];
        java.util.Arrays.setAll(kept, i -> i);
        Map<String, HostTensor> result = new java.util.LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            boolean producer = name.startsWith("conv1.") || name.startsWith("bn1.");
            HostTensor smaller = name.equals("conv2.weight") ? tensor.select(1, kept) : tensor;
            result.put(name, producer ? tensor.select(0, kept) : smaller);
        });
        return result;
    }

    /** Weights of every network, with statistics, shifts and norms that are neither 0 nor 1. */
    static ModelState state(Network network, long seed) {
        ModelState fresh = new Initializer(seed).initialize(network);
        Random random = new Random(seed);
        fresh.parameters().forEach((name, tensor) -> disturb(tensor, random, 0.3f));
        fresh.buffers().forEach((name, tensor) -> {
            disturb(tensor, random, 0.3f);
            if (name.endsWith("running_var")) {
                for (int i = 0; i < tensor.data().length; i++) {
                    tensor.data()[i] = Math.abs(tensor.data()[i]) + 0.1f;
                }
            }
        });
        return fresh;
    }

    /** The velocity of a parameter that has been stepped. */
    static float[] momentum(ModelState state, String name) {
        return Objects.requireNonNull(state.momentum().get(name)).data();
    }

    static float[] images(Network network, int count, long seed) {
        Random random = new Random(seed);
        float[] images = new float[count * network.input().elements()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        return images;
    }

    static long[] labels(Network network, int count) {
        long[] labels = new long[count];
        java.util.Arrays.setAll(labels, i -> (i * 7L + 3) % network.classes());
        return labels;
    }

    private static void disturb(HostTensor tensor, Random random, float by) {
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] += by * (float) random.nextGaussian();
        }
    }

    private static Node node(String name, Layer layer, String... inputs) {
        return new Node(name, layer, List.of(inputs));
    }

    private static Layer relu() {
        return new Layer.Activation(ActivationKind.RELU);
    }

    private static Layer convolution(int outputs, int kernel, int stride, int padding, int groups, boolean bias) {
        return new Layer.Convolution(
                outputs, Extent.of(kernel), Extent.of(stride), Extent.of(padding), Extent.of(1), groups, bias);
    }
}
