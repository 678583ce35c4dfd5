package org.secateur.models.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.results.core.Extent;

/** The network as it grows out of a file, within limits that no network reaches. */
final class ImportedGraph {
    private static final int MOST_NODES = 10_000;
    /** Of all tensors together; what is found out about a network is kept by channel. */
    private static final long MOST_CHANNELS = 1L << 21;
    /** Of one tensor; so that no size of the next one exceeds an int. */
    private static final long MOST_ELEMENTS = 1L << 28;

    private final Shape input;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, Shape> shapes = new HashMap<>();
    private final Map<String, HostTensor> parameters = new LinkedHashMap<>();
    private final Map<String, HostTensor> buffers = new LinkedHashMap<>();
    private long channels;
    private long elementsLeft;

    /**
     * An empty network.
     *
     * @param mostBytes of all weights together; nodes that share one in the file get their own each
     */
    ImportedGraph(Shape input, long mostBytes) {
        this.input = input;
        shapes.put(Network.INPUT, input);
        elementsLeft = mostBytes / Float.BYTES;
    }

    Shape shape(String tensor) {
        return Shapes.require(shapes, tensor);
    }

    /** The node of that name, which must have been added. */
    Node node(String name) {
        Node node = nodes.get(name);
        if (node == null) {
            throw new IllegalStateException("no node " + name);
        }
        return node;
    }

    /** The values of a constant, as the node's own. */
    HostTensor weight(OnnxTensor tensor) {
        float[] values = tensor.floats();
        counted(tensor);
        return new HostTensor(
                tensor.dimensions().stream().mapToInt(Long::intValue).toArray(), values);
    }

    /** A tensor that was made, which counts as weights do. */
    OnnxTensor counted(OnnxTensor tensor) {
        count(tensor.elements());
        return tensor;
    }

    /** Takes so many numbers of the memory for weights. */
    void count(long elements) {
        elementsLeft -= elements;
        if (elementsLeft < 0) {
            throw new IllegalArgumentException("its weights are too many for the memory that this program has");
        }
    }

    /**
     * Appends a node.
     *
     * @param weights its tensors by the last part of their name
     * @throws IllegalArgumentException when shapes do not fit
     */
    void add(String name, Layer layer, List<String> inputs, Map<String, HostTensor> weights) {
        if (nodes.size() == MOST_NODES) {
            throw new IllegalArgumentException("it has more than " + MOST_NODES + " layers");
        }
        List<Shape> read = inputs.stream().map(this::shape).toList();
        long width = read.stream().mapToLong(Shape::channels).sum();
        requireFew(name, layer instanceof Layer.Concat ? width : 0);
        Shape shape = Shapes.output(name, layer, read);
        long pixels = (long) shape.height() * shape.width();
        if (shape.channels() > MOST_ELEMENTS / pixels) {
            throw new IllegalArgumentException("node " + name + ": its output " + shape.text() + " is too large");
        }
        requireFew(name, shape.channels());
        channels += shape.channels();
        for (Tensor tensor : Parameters.of(name, layer, read)) {
            String suffix = tensor.name().substring(name.length() + 1);
            HostTensor values = weights.get(suffix);
            if (values == null || !Arrays.equals(values.shape(), tensor.dimensions())) {
                throw new IllegalArgumentException("node " + name + ": its " + suffix + " has shape "
                        + (values == null ? "none" : Arrays.toString(values.shape())) + ": expected "
                        + tensor.shape());
            }
            (tensor.kind() == Kind.TRAINED ? parameters : buffers).put(tensor.name(), values);
        }
        nodes.put(name, new Node(name, layer, inputs));
        shapes.put(name, shape);
    }

    private void requireFew(String name, long more) {
        if (channels + more > MOST_CHANNELS) {
            throw new IllegalArgumentException(
                    "node " + name + ": with it the network has more than " + MOST_CHANNELS + " channels");
        }
    }

    /** Adds to the bias of a convolution or linear layer, which gets one where it has none. */
    void bias(String name, HostTensor more) {
        Node node = node(name);
        Layer biased = switch (node.layer()) {
            case Layer.Convolution l ->
                new Layer.Convolution(l.outputs(), l.kernel(), l.stride(), l.padding(), l.dilation(), l.groups(), true);
            case Layer.Linear l -> new Layer.Linear(l.outputs(), true);
            default -> throw new IllegalStateException(name + " takes no bias");
        };
        nodes.put(name, new Node(name, biased, node.inputs()));
        HostTensor sum = more.copy();
        HostTensor present = parameters.get(name + ".bias");
        for (int i = 0; present != null && i < sum.data().length; i++) {
            sum.data()[i] += present.data()[i];
        }
        parameters.put(name + ".bias", sum);
    }

    /**
     * The network of what the logits depend on.
     *
     * @param logits the node that gives them
     */
    OnnxFile finish(String name, String logits) {
        nodes.replaceAll((key, node) -> composed(node));
        Set<String> needed = new HashSet<>(Set.of(logits));
        for (Node node : new ArrayList<>(nodes.values()).reversed()) {
            if (needed.contains(node.name())) {
                needed.addAll(node.inputs());
            }
        }
        List<Node> kept =
                nodes.values().stream().filter(n -> needed.contains(n.name())).toList();
        Network network = new Network(name, input, shape(logits).channels(), kept);
        Set<String> tensors = new HashSet<>();
        Parameters.of(network).forEach(tensor -> tensors.add(tensor.name()));
        parameters.keySet().retainAll(tensors);
        buffers.keySet().retainAll(tensors);
        ModelState state = new ModelState(parameters, Map.of(), buffers);
        Parameters.requireFit(network, state);
        return new OnnxFile(network, state);
    }

    /** An index map that reads another one reads what that reads; slices and pads come one after another. */
    private Node composed(Node node) {
        Node source = nodes.get(node.input());
        if (!(node.layer() instanceof Layer.IndexMap outer)
                || source == null
                || !(source.layer() instanceof Layer.IndexMap inner)) {
            return node;
        }
        List<Integer> sources = outer.sources().stream()
                .map(s -> s == Layer.IndexMap.ZERO ? s : inner.sources().get(s))
                .toList();
        Extent stride = new Extent(
                product(outer.stride().height(), inner.stride().height()),
                product(outer.stride().width(), inner.stride().width()));
        return new Node(node.name(), new Layer.IndexMap(sources, stride), source.inputs());
    }

    /** A stride beyond an int leaves one pixel, as the largest int does. */
    private static int product(int a, int b) {
        return (int) Math.min((long) a * b, Integer.MAX_VALUE);
    }
}
