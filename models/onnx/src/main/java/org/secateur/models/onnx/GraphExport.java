package org.secateur.models.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.models.onnx.Fields.AttributeType;
import org.secateur.models.onnx.Fields.ElementType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/**
 * Writes a network's graph: each layer is the operator of its kind with the layer's name, and its value bears that name
 * too. Vectors have two dimensions behind a flatten or a linear layer and four anywhere else, as in PyTorch; where a
 * reader needs the other form a Reshape stands between.
 */
final class GraphExport {
    private static final int OPSET = 17;
    /** The version of onnx.proto that came with it. */
    private static final int IR_VERSION = 8;

    private static final String BATCH = "batch";
    private static final String OUTPUT = "logits";

    private final Network network;
    private final ModelState state;
    private final Map<String, Shape> shapes;
    private final WireMessage graph = new WireMessage();
    private final Set<String> taken = new HashSet<>(Set.of(Network.INPUT, OUTPUT));
    /** The name of each tensor's value, and of its other form where there is one. */
    private final Map<String, String> maps = new HashMap<>();

    private final Map<String, String> vectors = new HashMap<>();

    GraphExport(Network network, ModelState state) {
        this.network = network;
        this.state = state;
        shapes = Shapes.of(network);
        Parameters.of(network).forEach(tensor -> taken.add(tensor.name()));
        maps.put(Network.INPUT, Network.INPUT);
    }

    /** The whole file. */
    WireMessage model() {
        graph.text(Fields.GRAPH_NAME, network.name());
        Shape image = network.input();
        graph.message(Fields.GRAPH_INPUT, value(Network.INPUT, image.channels(), image.height(), image.width()));
        network.nodes().forEach(this::node);
        String last = network.output().name();
        String logits = vectors.get(last);
        if (logits == null) {
            reshape(last, last + ".logits", OUTPUT, 0, -1);
            logits = OUTPUT;
        }
        graph.message(Fields.GRAPH_OUTPUT, value(logits, network.classes()));
        return new WireMessage()
                .whole(Fields.MODEL_IR_VERSION, IR_VERSION)
                .text(Fields.MODEL_PRODUCER, OnnxFile.PRODUCER)
                .message(Fields.MODEL_GRAPH, graph)
                .message(
                        Fields.MODEL_OPSET,
                        new WireMessage().text(Fields.OPSET_DOMAIN, "").whole(Fields.OPSET_VERSION, OPSET));
    }

    private void node(Node node) {
        String name = node.name();
        String input = node.input();
        boolean flat = !maps.containsKey(input);
        switch (node.layer()) {
            case Layer.Convolution l ->
                emit(node, "Conv", false, weighted(maps(input), name, l.bias()), convolution(l));
            case Layer.BatchNorm l ->
                emit(
                        node,
                        "BatchNormalization",
                        flat,
                        List.of(
                                any(input),
                                parameter(name + ".weight"),
                                parameter(name + ".bias"),
                                parameter(name + ".running_mean"),
                                parameter(name + ".running_var")),
                        List.of(number("epsilon", (float) l.epsilon()), number("momentum", (float)
                                (1 - l.momentum()))));
            case Layer.Activation l -> {
                if (l.kind().equals(ActivationKind.RELU)) {
                    emit(node, "Relu", flat, List.of(any(input)), List.of());
                } else {
                    String least = bound(name + ".min", l.kind().least());
                    String most = bound(name + ".max", l.kind().most());
                    emit(node, "Clip", flat, List.of(any(input), least, most), List.of());
                }
            }
            case Layer.Pad l -> pad(node, l);
            case Layer.Pooling l ->
                emit(
                        node,
                        l.kind() == PoolingKind.MAX ? "MaxPool" : "AveragePool",
                        false,
                        List.of(maps(input)),
                        pooling(l));
            case Layer.GlobalAveragePool l -> emit(node, "GlobalAveragePool", false, List.of(maps(input)), List.of());
            case Layer.Flatten l -> emit(node, "Flatten", true, List.of(any(input)), List.of(whole("axis", 1)));
            case Layer.Linear l ->
                emit(node, "Gemm", true, weighted(vectors(input), name, l.bias()), List.of(whole("transB", 1)));
            case Layer.Add l -> emit(node, "Add", anyFlat(node), alike(node), List.of());
            case Layer.Concat l -> emit(node, "Concat", anyFlat(node), alike(node), List.of(whole("axis", 1)));
            case Layer.Shift l -> emit(node, "Add", flat, List.of(any(input), shift(node, l, flat)), List.of());
            case Layer.IndexMap l -> indexMap(node, l);
        }
    }

    private List<String> weighted(String input, String name, boolean bias) {
        List<String> inputs = new ArrayList<>(List.of(input, parameter(name + ".weight")));
        if (bias) {
            inputs.add(parameter(name + ".bias"));
        }
        return inputs;
    }

    private static List<WireMessage> convolution(Layer.Convolution l) {
        return List.of(
                extent("kernel_shape", l.kernel()),
                extent("strides", l.stride()),
                pads(l.padding()),
                extent("dilations", l.dilation()),
                whole("group", l.groups()));
    }

    private static List<WireMessage> pooling(Layer.Pooling l) {
        return List.of(
                extent("kernel_shape", l.window()),
                extent("strides", l.stride()),
                pads(l.padding()),
                whole("ceil_mode", l.ceil() ? 1 : 0),
                l.kind() == PoolingKind.MAX
                        ? extent("dilations", l.dilation())
                        : whole("count_include_pad", l.kind() == PoolingKind.PADDED_AVERAGE ? 1 : 0));
    }

    private void pad(Node node, Layer.Pad l) {
        List<String> inputs = new ArrayList<>(List.of(
                maps(node.input()),
                wholes(
                        node.name() + ".pads",
                        0,
                        0,
                        l.before().height(),
                        l.before().width(),
                        0,
                        0,
                        l.after().height(),
                        l.after().width())));
        if (l.value() != 0) {
            inputs.add(scalar(node.name() + ".value", (float) l.value()));
        }
        emit(node, "Pad", false, inputs, List.of());
    }

    /** The name of a bound, which is empty where nothing is cut. */
    private String bound(String name, double bound) {
        return Double.isInfinite(bound) ? "" : scalar(name, (float) bound);
    }

    /** Every so many pixels by a Slice; whole runs of zeros by a Pad; other channels by a Gather, zeros from one that a Pad adds. */
    private void indexMap(Node node, Layer.IndexMap l) {
        int channels = Shapes.require(shapes, node.input()).channels();
        int before = (int)
                l.sources().stream().takeWhile(s -> s == Layer.IndexMap.ZERO).count();
        int after = l.sources().size() - before - channels;
        boolean runs = after >= 0
                && l.sources()
                        .equals(ChannelSelection.padded(channels, before, after).sources());
        boolean zeros = l.sources().contains(Layer.IndexMap.ZERO);
        boolean strided = !l.stride().equals(Extent.of(1));
        List<Part> parts = new ArrayList<>();
        if (strided) {
            parts.add(new Part(
                    "Slice",
                    List.of(
                            wholes(node.name() + ".starts", 0, 0),
                            wholes(node.name() + ".ends", Integer.MAX_VALUE, Integer.MAX_VALUE),
                            wholes(node.name() + ".axes", 2, 3),
                            wholes(
                                    node.name() + ".steps",
                                    l.stride().height(),
                                    l.stride().width())),
                    List.of()));
        }
        if (zeros) {
            int first = runs ? before : 0;
            int last = runs ? after : 1;
            String pads = wholes(node.name() + ".pads", 0, first, 0, 0, 0, last, 0, 0);
            parts.add(new Part("Pad", List.of(pads), List.of()));
        }
        if (!runs || parts.isEmpty()) {
            long[] indices = l.sources().stream()
                    .mapToLong(s -> s == Layer.IndexMap.ZERO ? channels : s)
                    .toArray();
            parts.add(
                    new Part("Gather", List.of(wholes(node.name() + ".indices", indices)), List.of(whole("axis", 1))));
        }
        String value = maps(node.input());
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            List<String> inputs = new ArrayList<>(List.of(value));
            inputs.addAll(part.constants());
            if (i + 1 == parts.size()) {
                emit(node, part.operator(), false, inputs, part.attributes());
            } else {
                String name = node.name() + "." + part.operator().toLowerCase(Locale.ROOT);
                value = unique(name);
                append(part.operator(), name, inputs, value, part.attributes());
            }
        }
    }

    /** One of the operators that are an index map. */
    private record Part(String operator, List<String> constants, List<WireMessage> attributes) {}

    private String shift(Node node, Layer.Shift l, boolean flat) {
        HostTensor shift = state.buffer(node.name() + ".shift");
        Shape shape = Shapes.require(shapes, node.name());
        long[] dimensions = flat
                ? new long[] {shape.channels()}
                : l.operand() == Operand.MAP
                        ? new long[] {shape.channels(), shape.height(), shape.width()}
                        : new long[] {shape.channels(), 1, 1};
        return floats(node.name() + ".shift", shift.data(), dimensions);
    }

    /** A layer's operator; its value has the layer's name where that is free. */
    private void emit(Node node, String operator, boolean flat, List<String> inputs, List<WireMessage> attributes) {
        boolean last = node.equals(network.output());
        String value = last && flat ? OUTPUT : unique(node.name());
        append(operator, node.name(), inputs, value, attributes);
        (flat ? vectors : maps).put(node.name(), value);
    }

    private void append(
            String operator, String name, List<String> inputs, String output, List<WireMessage> attributes) {
        WireMessage message = new WireMessage();
        inputs.forEach(input -> message.text(Fields.NODE_INPUT, input));
        message.text(Fields.NODE_OUTPUT, output).text(Fields.NODE_NAME, name).text(Fields.NODE_OPERATOR, operator);
        attributes.forEach(attribute -> message.message(Fields.NODE_ATTRIBUTE, attribute));
        graph.message(Fields.GRAPH_NODE, message);
    }

    private String any(String tensor) {
        return maps.containsKey(tensor) ? maps(tensor) : vectors(tensor);
    }

    /** The value of a tensor in four dimensions. */
    private String maps(String tensor) {
        String value = maps.get(tensor);
        if (value == null) {
            value = unique(tensor + ".maps");
            reshape(tensor, tensor + ".maps", value, 0, -1, 1, 1);
            maps.put(tensor, value);
        }
        return value;
    }

    /** The value of a tensor of one pixel in two dimensions. */
    private String vectors(String tensor) {
        String value = vectors.get(tensor);
        if (value == null) {
            value = unique(tensor + ".vectors");
            reshape(tensor, tensor + ".vectors", value, 0, -1);
            vectors.put(tensor, value);
        }
        return value;
    }

    private void reshape(String tensor, String name, String output, long... shape) {
        append("Reshape", name, List.of(any(tensor), wholes(name + ".shape", shape)), output, List.of());
    }

    /** Whether the inputs of a sum or concatenation are read as vectors: one of them is nothing else. */
    private boolean anyFlat(Node node) {
        return node.inputs().stream().anyMatch(input -> !maps.containsKey(input));
    }

    private List<String> alike(Node node) {
        boolean flat = anyFlat(node);
        return node.inputs().stream().map(flat ? this::vectors : this::maps).toList();
    }

    private String unique(String name) {
        String unique = name;
        while (!taken.add(unique)) {
            unique += "_";
        }
        return unique;
    }

    private String parameter(String name) {
        HostTensor tensor = state.parameters().containsKey(name) ? state.parameter(name) : state.buffer(name);
        return floats(
                name, tensor.data(), IntStream.of(tensor.shape()).asLongStream().toArray());
    }

    private String scalar(String name, float value) {
        return floats(unique(name), new float[] {value});
    }

    private String floats(String name, float[] values, long... dimensions) {
        graph.message(
                Fields.GRAPH_INITIALIZER,
                tensor(name, ElementType.FLOAT, dimensions).floats(Fields.TENSOR_RAW, values));
        return name;
    }

    private String wholes(String name, long... values) {
        String unique = unique(name);
        graph.message(
                Fields.GRAPH_INITIALIZER,
                tensor(unique, ElementType.INT64, values.length).longs(Fields.TENSOR_RAW, values));
        return unique;
    }

    static WireMessage tensor(String name, int type, long... dimensions) {
        WireMessage message = new WireMessage();
        for (long size : dimensions) {
            message.whole(Fields.TENSOR_DIMENSIONS, size);
        }
        return message.whole(Fields.TENSOR_TYPE, type).text(Fields.TENSOR_NAME, name);
    }

    /** The type of an input or output: floats for a batch of any size. */
    private static WireMessage value(String name, int... sizes) {
        WireMessage shape =
                new WireMessage().message(Fields.SHAPE_DIMENSION, new WireMessage().text(Fields.DIMENSION_NAME, BATCH));
        for (int size : sizes) {
            shape.message(Fields.SHAPE_DIMENSION, new WireMessage().whole(Fields.DIMENSION_VALUE, size));
        }
        WireMessage tensor = new WireMessage()
                .whole(Fields.TENSOR_TYPE_ELEMENT, ElementType.FLOAT)
                .message(Fields.TENSOR_TYPE_SHAPE, shape);
        return new WireMessage()
                .text(Fields.VALUE_NAME, name)
                .message(Fields.VALUE_TYPE, new WireMessage().message(Fields.TYPE_TENSOR, tensor));
    }

    private static WireMessage extent(String name, Extent extent) {
        return integers(name, extent.height(), extent.width());
    }

    private static WireMessage pads(Extent padding) {
        return integers("pads", padding.height(), padding.width(), padding.height(), padding.width());
    }

    static WireMessage integers(String name, long... values) {
        WireMessage message = attribute(name, AttributeType.INTS);
        for (long value : values) {
            message.whole(Fields.ATTRIBUTE_INTS, value);
        }
        return message;
    }

    static WireMessage whole(String name, long value) {
        return attribute(name, AttributeType.INT).whole(Fields.ATTRIBUTE_INT, value);
    }

    static WireMessage number(String name, float value) {
        return attribute(name, AttributeType.FLOAT).number(Fields.ATTRIBUTE_FLOAT, value);
    }

    private static WireMessage attribute(String name, int type) {
        return new WireMessage().text(Fields.ATTRIBUTE_NAME, name).whole(Fields.ATTRIBUTE_TYPE, type);
    }
}
