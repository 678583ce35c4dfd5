package org.secateur.models.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.secateur.models.onnx.WireReader.Range;

/** Reads the messages of onnx.proto, to a fixed depth; graphs within nodes are passed over. */
final class OnnxReader {
    /** The domain of ONNX's own operators may be written out. */
    private static final String OWN_DOMAIN = "ai.onnx";

    private final byte[] file;
    private final ExternalFiles external;

    OnnxReader(byte[] file, ExternalFiles external) {
        this.file = file;
        this.external = external;
    }

    /**
     * Reads the file.
     *
     * @throws IllegalArgumentException when it is no ONNX file or damaged
     */
    OnnxModel read() {
        WireReader model = new WireReader(file);
        String producer = "";
        long opset = 0;
        OnnxGraph graph = null;
        while (model.next()) {
            switch (model.field()) {
                case Fields.MODEL_PRODUCER -> producer = model.text();
                case Fields.MODEL_OPSET -> opset = Math.max(opset, opset(model.message()));
                case Fields.MODEL_GRAPH -> {
                    if (graph != null) {
                        throw new IllegalArgumentException("it has two graphs");
                    }
                    graph = new OnnxGraph();
                    graph(model.message(), graph);
                }
                default -> model.skip();
            }
        }
        if (graph == null) {
            throw new IllegalArgumentException("it has no graph");
        }
        return new OnnxModel(producer, opset, graph.name, graph.nodes, graph.initializers, graph.inputs, graph.outputs);
    }

    /** A graph as it is read. */
    private static final class OnnxGraph {
        private String name = "";
        private final List<OnnxNode> nodes = new ArrayList<>();
        private final Map<String, OnnxTensor> initializers = new LinkedHashMap<>();
        private final List<OnnxModel.Input> inputs = new ArrayList<>();
        private final List<String> outputs = new ArrayList<>();
    }

    /** The version of ONNX's own operators, or 0 for another domain's. */
    private static long opset(WireReader message) {
        String domain = "";
        long version = 0;
        while (message.next()) {
            switch (message.field()) {
                case Fields.OPSET_DOMAIN -> domain = message.text();
                case Fields.OPSET_VERSION -> version = message.whole();
                default -> message.skip();
            }
        }
        return domain.isEmpty() || domain.equals(OWN_DOMAIN) ? version : 0;
    }

    private void graph(WireReader message, OnnxGraph graph) {
        while (message.next()) {
            switch (message.field()) {
                case Fields.GRAPH_NODE -> graph.nodes.add(node(message.message()));
                case Fields.GRAPH_NAME -> graph.name = message.text();
                case Fields.GRAPH_INITIALIZER -> {
                    OnnxTensor tensor = tensor(message.message());
                    graph.initializers.put(tensor.name(), tensor);
                }
                case Fields.GRAPH_INPUT -> graph.inputs.add(input(message.message()));
                case Fields.GRAPH_OUTPUT ->
                    graph.outputs.add(input(message.message()).name());
                case Fields.GRAPH_SPARSE_INITIALIZER ->
                    throw new IllegalArgumentException("it has a sparse tensor, which is not read");
                default -> message.skip();
            }
        }
    }

    private OnnxNode node(WireReader message) {
        String name = "";
        String operator = "";
        String domain = "";
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
        while (message.next()) {
            switch (message.field()) {
                case Fields.NODE_INPUT -> inputs.add(message.text());
                case Fields.NODE_OUTPUT -> outputs.add(message.text());
                case Fields.NODE_NAME -> name = message.text();
                case Fields.NODE_OPERATOR -> operator = message.text();
                case Fields.NODE_DOMAIN -> domain = message.text();
                case Fields.NODE_ATTRIBUTE -> attribute(message.message(), attributes);
                default -> message.skip();
            }
        }
        return new OnnxNode(name, operator, domain.equals(OWN_DOMAIN) ? "" : domain, inputs, outputs, attributes);
    }

    /** Attributes need not tell their type; a list of integers that is left out is an empty one. */
    private void attribute(WireReader message, Map<String, OnnxAttribute> attributes) {
        String name = "";
        long type = 0;
        OnnxAttribute value = null;
        List<Long> wholes = new ArrayList<>();
        while (message.next()) {
            switch (message.field()) {
                case Fields.ATTRIBUTE_NAME -> name = message.text();
                case Fields.ATTRIBUTE_TYPE -> type = message.whole();
                case Fields.ATTRIBUTE_FLOAT -> value = new OnnxAttribute.Real(message.number());
                case Fields.ATTRIBUTE_INT -> value = new OnnxAttribute.Whole(message.whole());
                case Fields.ATTRIBUTE_STRING -> value = new OnnxAttribute.Text(message.text());
                case Fields.ATTRIBUTE_TENSOR -> value = new OnnxAttribute.Constant(tensor(message.message()));
                case Fields.ATTRIBUTE_INTS -> message.wholes(wholes::add);
                default -> message.skip();
            }
        }
        attributes.put(name, value(value, wholes, type));
    }

    /** What is zero or empty may be left out of the file, so that only the type tells what it is. */
    private static OnnxAttribute value(@Nullable OnnxAttribute value, List<Long> wholes, long type) {
        if (!wholes.isEmpty() || type == Fields.AttributeType.INTS) {
            return new OnnxAttribute.Wholes(wholes);
        }
        if (value != null) {
            return value;
        }
        if (type == Fields.AttributeType.INT) {
            return new OnnxAttribute.Whole(0);
        }
        return type == Fields.AttributeType.FLOAT ? new OnnxAttribute.Real(0) : new OnnxAttribute.Other();
    }

    private OnnxTensor tensor(WireReader message) {
        String name = "";
        List<Long> dimensions = new ArrayList<>();
        long type = 0;
        long location = 0;
        Range range = new Range(0, 0);
        boolean packed = false;
        int forms = 0;
        Map<String, String> entries = new LinkedHashMap<>();
        while (message.next()) {
            switch (message.field()) {
                case Fields.TENSOR_NAME -> name = message.text();
                case Fields.TENSOR_DIMENSIONS -> message.wholes(dimensions::add);
                case Fields.TENSOR_TYPE -> type = message.whole();
                case Fields.TENSOR_LOCATION -> location = message.whole();
                case Fields.TENSOR_EXTERNAL -> entry(message.message(), entries);
                case Fields.TENSOR_RAW, Fields.TENSOR_FLOATS, Fields.TENSOR_INT32S, Fields.TENSOR_INT64S -> {
                    packed = message.field() == Fields.TENSOR_INT32S || message.field() == Fields.TENSOR_INT64S;
                    range = message.range();
                    forms++;
                }
                default -> message.skip();
            }
        }
        if (forms > 1) {
            throw new IllegalArgumentException(
                    "tensor \"" + ModuleNames.shown(name) + "\" has its values in several pieces");
        }
        int element = type < 0 || type > Byte.MAX_VALUE ? 0 : (int) type;
        if (location == 0) {
            return new OnnxTensor(name, dimensions, element, file, range, packed);
        }
        byte[] bytes = external.read(entries);
        return new OnnxTensor(name, dimensions, element, bytes, new Range(0, bytes.length), false);
    }

    private static void entry(WireReader message, Map<String, String> entries) {
        String key = "";
        String value = "";
        while (message.next()) {
            switch (message.field()) {
                case Fields.ENTRY_KEY -> key = message.text();
                case Fields.ENTRY_VALUE -> value = message.text();
                default -> message.skip();
            }
        }
        entries.put(key, value);
    }

    private static OnnxModel.Input input(WireReader message) {
        String name = "";
        long type = 0;
        List<OptionalLong> dimensions = new ArrayList<>();
        while (message.next()) {
            switch (message.field()) {
                case Fields.VALUE_NAME -> name = message.text();
                case Fields.VALUE_TYPE -> type = tensorType(message.message(), dimensions);
                default -> message.skip();
            }
        }
        return new OnnxModel.Input(name, type < 0 || type > Byte.MAX_VALUE ? 0 : (int) type, dimensions);
    }

    private static long tensorType(WireReader message, List<OptionalLong> dimensions) {
        long type = 0;
        while (message.next()) {
            if (message.field() != Fields.TYPE_TENSOR) {
                message.skip();
                continue;
            }
            WireReader tensor = message.message();
            while (tensor.next()) {
                switch (tensor.field()) {
                    case Fields.TENSOR_TYPE_ELEMENT -> type = tensor.whole();
                    case Fields.TENSOR_TYPE_SHAPE -> shape(tensor.message(), dimensions);
                    default -> tensor.skip();
                }
            }
        }
        return type;
    }

    private static void shape(WireReader message, List<OptionalLong> dimensions) {
        while (message.next()) {
            if (message.field() != Fields.SHAPE_DIMENSION) {
                message.skip();
                continue;
            }
            OptionalLong size = OptionalLong.empty();
            WireReader dimension = message.message();
            while (dimension.next()) {
                if (dimension.field() == Fields.DIMENSION_VALUE) {
                    size = OptionalLong.of(dimension.whole());
                } else {
                    dimension.skip();
                }
            }
            dimensions.add(size);
        }
    }
}
