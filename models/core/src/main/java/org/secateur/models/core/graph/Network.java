package org.secateur.models.core.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network: nodes in topological order, from the image ({@link #INPUT}) to the logits (the last node's output,
 * {@code classes} channels of one pixel).
 *
 * @param name for people, for example {@code resnet20}
 * @param input the image's shape
 */
public record Network(String name, Shape input, int classes, List<Node> nodes) {
    /** The name by which nodes read the image. */
    public static final String INPUT = "input";

    public Network {
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty() || classes < 1) {
            throw new IllegalArgumentException("network " + name + " with " + nodes.size() + " nodes and " + classes
                    + " classes: at least one of each");
        }
        Map<String, Node> seen = new HashMap<>();
        for (Node node : nodes) {
            for (String source : node.inputs()) {
                if (!source.equals(INPUT) && !seen.containsKey(source)) {
                    throw new IllegalArgumentException(
                            "node " + node.name() + " reads " + source + ", which does not stand before it");
                }
            }
            if (node.name().equals(INPUT) || seen.put(node.name(), node) != null) {
                throw new IllegalArgumentException("node " + node.name() + " is declared twice");
            }
        }
    }

    /** The node of that name. */
    public Optional<Node> node(String name) {
        return nodes.stream().filter(n -> n.name().equals(name)).findFirst();
    }

    /** The last node, whose output are the logits. */
    public Node output() {
        return nodes.get(nodes.size() - 1);
    }

    /** The nodes that read {@code name}'s output, in order. */
    public List<Node> consumers(String name) {
        return nodes.stream().filter(n -> n.inputs().contains(name)).toList();
    }
}
