package org.secateur.models.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.secateur.models.onnx.Fields.ElementType;

/** ONNX files node by node, as other programs write them and as nobody should. */
final class FileBuilder {
    /** The type of an attribute that is text. */
    private static final int STRING = 3;
    /** The version of onnx.proto that came with opset 17. */
    private static final int IR_VERSION = 8;

    /** The stored shape of a size that is not fixed. */
    static final long OPEN = -1;

    private final WireMessage graph = new WireMessage();
    private int opset = 17;

    FileBuilder opset(int version) {
        opset = version;
        return this;
    }

    FileBuilder input(String name, long... sizes) {
        WireMessage shape = new WireMessage();
        for (long size : sizes) {
            WireMessage dimension = new WireMessage();
            if (size == OPEN) {
                dimension.text(Fields.DIMENSION_NAME, "size");
            } else {
                dimension.whole(Fields.DIMENSION_VALUE, size);
            }
            shape.message(Fields.SHAPE_DIMENSION, dimension);
        }
        WireMessage tensor = new WireMessage()
                .whole(Fields.TENSOR_TYPE_ELEMENT, ElementType.FLOAT)
                .message(Fields.TENSOR_TYPE_SHAPE, shape);
        graph.message(
                Fields.GRAPH_INPUT,
                new WireMessage()
                        .text(Fields.VALUE_NAME, name)
                        .message(Fields.VALUE_TYPE, new WireMessage().message(Fields.TYPE_TENSOR, tensor)));
        return this;
    }

    FileBuilder output(String name) {
        WireMessage tensor = new WireMessage().whole(Fields.TENSOR_TYPE_ELEMENT, ElementType.FLOAT);
        graph.message(
                Fields.GRAPH_OUTPUT,
                new WireMessage()
                        .text(Fields.VALUE_NAME, name)
                        .message(Fields.VALUE_TYPE, new WireMessage().message(Fields.TYPE_TENSOR, tensor)));
        return this;
    }

    /** Floats 0.5, 1, 1.5 and so on. */
    FileBuilder floats(String name, long... sizes) {
        float[] values = new float[(int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.5f * (i + 1);
        }
        return initializer(GraphExport.tensor(name, ElementType.FLOAT, sizes).floats(Fields.TENSOR_RAW, values));
    }

    /** Floats within ±0.5. */
    FileBuilder drawn(String name, long... sizes) {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        float[] values = new float[(int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return initializer(GraphExport.tensor(name, ElementType.FLOAT, sizes).floats(Fields.TENSOR_RAW, values));
    }

    FileBuilder scalar(String name, float value) {
        return initializer(GraphExport.tensor(name, ElementType.FLOAT).floats(Fields.TENSOR_RAW, new float[] {value}));
    }

    FileBuilder wholes(String name, long... values) {
        return initializer(wholesTensor(name, values));
    }

    static WireMessage wholesTensor(String name, long... values) {
        return GraphExport.tensor(name, ElementType.INT64, values.length).longs(Fields.TENSOR_RAW, values);
    }

    FileBuilder initializer(WireMessage tensor) {
        graph.message(Fields.GRAPH_INITIALIZER, tensor);
        return this;
    }

    FileBuilder node(String operator, String name, List<String> inputs, String output, WireMessage... attributes) {
        return node(operator, "", name, inputs, List.of(output), attributes);
    }

    FileBuilder node(
            String operator,
            String domain,
            String name,
            List<String> inputs,
            List<String> outputs,
            WireMessage... attributes) {
        WireMessage node = new WireMessage();
        inputs.forEach(input -> node.text(Fields.NODE_INPUT, input));
        outputs.forEach(output -> node.text(Fields.NODE_OUTPUT, output));
        node.text(Fields.NODE_NAME, name).text(Fields.NODE_OPERATOR, operator).text(Fields.NODE_DOMAIN, domain);
        for (WireMessage attribute : attributes) {
            node.message(Fields.NODE_ATTRIBUTE, attribute);
        }
        graph.message(Fields.GRAPH_NODE, node);
        return this;
    }

    static WireMessage text(String name, String value) {
        return new WireMessage()
                .text(Fields.ATTRIBUTE_NAME, name)
                .text(Fields.ATTRIBUTE_STRING, value)
                .whole(Fields.ATTRIBUTE_TYPE, STRING);
    }

    static WireMessage tensor(String name, WireMessage value) {
        return new WireMessage().text(Fields.ATTRIBUTE_NAME, name).message(Fields.ATTRIBUTE_TENSOR, value);
    }

    byte[] bytes() {
        return bytes(new WireMessage()
                .whole(Fields.MODEL_IR_VERSION, IR_VERSION)
                .message(Fields.MODEL_GRAPH, graph)
                .message(Fields.MODEL_OPSET, new WireMessage().whole(Fields.OPSET_VERSION, opset)));
    }

    static byte[] bytes(WireMessage message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            message.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    Path write(Path file) {
        try {
            return Files.write(file, bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
