package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/**
 * Random networks of every kind of layer: convolutions plain, dilated, in groups and depthwise, with and without batch
 * norm behind them, residual branches within each other, sums of anything with anything, concatenations, index maps,
 * shifts, pads that differ from side to side, pools that round up, count their padding or are dilated, activations between
 * any bounds; at the end every tensor that nobody reads, flattened or averaged, goes into the classifier.
 */
final class RandomGraphs {
    private static final int CLASSES = 4;

    private final Random random;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    private RandomGraphs(Random random) {
        this.random = random;
    }

    /** A network; the same for a generator in the same state. */
    static Network network(Random random) {
        RandomGraphs graph = new RandomGraphs(random);
        Shape image = new Shape(1 + random.nextInt(3), 6 + random.nextInt(4), 6 + random.nextInt(4));
        graph.shapes.put(Network.INPUT, image);
        graph.activated(graph.convolution(Network.INPUT, 4 + random.nextInt(4), 1, 1));
        int steps = 4 + random.nextInt(8);
        for (int i = 0; i < steps; i++) {
            graph.grow();
        }
        graph.classify();
        return new Network("random", image, CLASSES, graph.nodes);
    }

    private void grow() {
        String x = recent();
        switch (random.nextInt(11)) {
            case 0 -> activated(convolution(x, 2 + random.nextInt(6), 1 + random.nextInt(2), 1));
            case 1 -> activated(inGroups(x));
            case 2 -> activated(depthwise(x));
            case 3 -> activated(x);
            case 4 -> pool(x);
            case 5 -> residual(x, random.nextInt(2));
            case 6 -> sum(x, sameSize(x));
            case 7 -> concat(x);
            case 8 -> pad(x);
            case 9 -> node(new Layer.Shift(random.nextBoolean() ? Operand.CHANNEL : Operand.MAP), x);
            default -> indexMap(x);
        }
    }

    private String convolution(String x, int outputs, int stride, int groups) {
        int kernel = random.nextBoolean() ? 3 : 1;
        int dilation = kernel == 3 && random.nextInt(4) == 0 ? 2 : 1;
        int padding = kernel == 1 ? random.nextInt(4) / 3 : dilation * random.nextInt(2);
        Shape in = shape(x);
        if (Math.min(in.height(), in.width()) + 2 * padding < dilation * (kernel - 1) + 1) {
            padding = dilation;
        }
        return node(
                new Layer.Convolution(
                        outputs,
                        Extent.of(kernel),
                        Extent.of(stride),
                        Extent.of(padding),
                        Extent.of(dilation),
                        groups,
                        random.nextInt(3) == 0),
                x);
    }

    private String inGroups(String x) {
        int channels = shape(x).channels();
        int groups = channels % 3 == 0 ? 3 : channels % 2 == 0 ? 2 : 1;
        return convolution(x, groups * (1 + random.nextInt(3)), 1, groups == channels ? 1 : groups);
    }

    private String depthwise(String x) {
        int channels = shape(x).channels();
        return convolution(x, channels * (1 + random.nextInt(2)), 1, channels);
    }

    /** Batch norm and an activation, each perhaps. */
    private String activated(String x) {
        String y = random.nextInt(4) > 0 ? node(new Layer.BatchNorm(1e-5, 0.1), x) : x;
        ActivationKind kind = random.nextBoolean()
                ? ActivationKind.RELU
                : random.nextBoolean() ? ActivationKind.RELU6 : new ActivationKind(random.nextInt(3) - 1.5, 2);
        return random.nextInt(4) > 0 ? node(new Layer.Activation(kind), y) : y;
    }

    private void pad(String x) {
        Extent before = new Extent(random.nextInt(2), random.nextInt(2));
        Extent after = new Extent(random.nextInt(2), 1 + random.nextInt(2));
        node(new Layer.Pad(before, after, random.nextInt(3) == 0 ? -0.5 : 0), x);
    }

    private String pool(String x) {
        Shape in = shape(x);
        int least = Math.min(in.height(), in.width());
        int window = Math.min(2 + random.nextInt(2), least);
        PoolingKind kind = random.nextBoolean()
                ? PoolingKind.MAX
                : random.nextBoolean() ? PoolingKind.AVERAGE : PoolingKind.PADDED_AVERAGE;
        boolean dilated = kind == PoolingKind.MAX && 2 * window - 1 <= least && random.nextBoolean();
        return node(
                new Layer.Pooling(
                        kind,
                        Extent.of(window),
                        Extent.of(1 + random.nextInt(2)),
                        Extent.of(random.nextInt(1 + window / 2)),
                        random.nextBoolean(),
                        Extent.of(dilated ? 2 : 1)),
                x);
    }

    /** A branch of two convolutions, and within it perhaps another; the shortcut is x. */
    private String residual(String x, int nested) {
        String y = activated(node(same(2 + random.nextInt(4)), x));
        if (nested > 0) {
            y = residual(y, nested - 1);
        }
        y = node(same(shape(x).channels()), y);
        if (random.nextBoolean()) {
            y = node(new Layer.BatchNorm(1e-5, 0.1), y);
        }
        return random.nextBoolean() ? node(new Layer.Add(), x, y) : node(new Layer.Add(), y, x);
    }

    /** A convolution that keeps the size. */
    private Layer same(int outputs) {
        int half = random.nextInt(2);
        return new Layer.Convolution(
                outputs,
                Extent.of(2 * half + 1),
                Extent.of(1),
                Extent.of(half),
                Extent.of(1),
                1,
                random.nextInt(3) == 0);
    }

    private void sum(String x, String y) {
        String summand =
                shape(y).channels() == shape(x).channels() && !x.equals(y) ? y : node(same(shape(x).channels()), y);
        activated(node(new Layer.Add(), x, summand));
    }

    private void concat(String x) {
        Set<String> others = new TreeSet<>(List.of(sameSize(x), sameSize(x)));
        others.remove(x);
        List<String> inputs = new ArrayList<>(others);
        inputs.add(random.nextInt(inputs.size() + 1), x);
        node(new Layer.Concat(), inputs.toArray(String[]::new));
    }

    private void indexMap(String x) {
        int channels = shape(x).channels();
        List<Integer> sources = new ArrayList<>(IntStream.range(0, 2 + random.nextInt(6))
                .map(i -> random.nextInt(4) == 0 ? Layer.IndexMap.ZERO : random.nextInt(channels))
                .boxed()
                .toList());
        sources.set(0, random.nextInt(channels));
        node(new Layer.IndexMap(sources, Extent.of(1 + random.nextInt(2))), x);
    }

    private void classify() {
        List<String> unread = shapes.keySet().stream()
                .filter(t -> nodes.stream().noneMatch(n -> n.inputs().contains(t)))
                .toList();
        List<String> vectors = new ArrayList<>();
        for (String tensor : unread) {
            boolean flat = shape(tensor).elements() <= 100 && random.nextInt(3) > 0;
            vectors.add(node(flat ? new Layer.Flatten() : new Layer.GlobalAveragePool(), tensor));
        }
        String all = vectors.size() == 1 ? vectors.get(0) : node(new Layer.Concat(), vectors.toArray(String[]::new));
        if (random.nextBoolean()) {
            all = activated(node(new Layer.Linear(3 + random.nextInt(6), random.nextBoolean()), all));
        }
        node(new Layer.Linear(CLASSES, true), all);
    }

    /** One of the last tensors. */
    private String recent() {
        List<String> names = new ArrayList<>(shapes.keySet());
        return names.get(names.size() - 1 - random.nextInt(Math.min(3, names.size() - 1)));
    }

    /** A tensor, perhaps the same, with as many pixels each way. */
    private String sameSize(String x) {
        Shape shape = shape(x);
        List<String> alike = shapes.keySet().stream()
                .filter(t -> shape(t).height() == shape.height() && shape(t).width() == shape.width())
                .toList();
        return alike.get(random.nextInt(alike.size()));
    }

    private Shape shape(String tensor) {
        return Shapes.require(shapes, tensor);
    }

    private String node(Layer layer, String... inputs) {
        String kind = layer.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
        Node node = new Node(kind + nodes.size(), layer, List.of(inputs));
        shapes.put(node.name(), Shapes.output(node.name(), layer, Shapes.inputs(node, shapes)));
        nodes.add(node);
        return node.name();
    }
}
