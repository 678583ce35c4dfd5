package org.secateur.models.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What an ONNX file says, as far as a network needs it.
 *
 * @param producer the program that wrote it
 * @param opset the version of ONNX's own operators
 * @param name the graph's name
 * @param nodes in the file's order
 * @param initializers constants by name
 * @param inputs the graph's inputs, initializers perhaps among them
 * @param outputs the graph's outputs
 */
record OnnxModel(
        String producer,
        long opset,
        String name,
        List<OnnxNode> nodes,
        Map<String, OnnxTensor> initializers,
        List<Input> inputs,
        List<String> outputs) {
    OnnxModel {
        nodes = List.copyOf(nodes);
        initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * An input of the graph.
     *
     * @param type of its elements; 0 where the file does not say or it is no tensor
     * @param dimensions its sizes, empty where one is not fixed
     */
    record Input(String name, int type, List<OptionalLong> dimensions) {
        Input {
            dimensions = List.copyOf(dimensions);
        }
    }
}
