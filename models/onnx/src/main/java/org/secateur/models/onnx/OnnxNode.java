package org.secateur.models.onnx;

import java.util.List;
import java.util.Map;

/**
 * An operator at its place in the file's graph.
 *
 * @param name the node's own name, often empty
 * @param domain whose operator it is; empty for ONNX's own
 * @param inputs names of the values that it reads; an empty one stands for an input left out
 * @param outputs names of the values that it makes
 */
record OnnxNode(
        String name,
        String operator,
        String domain,
        List<String> inputs,
        List<String> outputs,
        Map<String, OnnxAttribute> attributes) {
    OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Map.copyOf(attributes);
    }

    /** The node for messages. */
    String text() {
        String label = !name.isEmpty() ? name : outputs.isEmpty() ? "" : outputs.get(0);
        return "node \"" + ModuleNames.shown(label) + "\" (" + ModuleNames.shown(operator) + ")";
    }

    /** A refusal that names the node. */
    IllegalArgumentException refused(String why) {
        return new IllegalArgumentException(text() + ": " + why);
    }
}
