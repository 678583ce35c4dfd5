package org.secateur.models.core.graph;

import java.util.OptionalInt;

/**
 * Which operands a training step overwrites with their node's result. Written over may be what nobody else reads and what
 * its producer neither keeps for its backward pass nor hands out as a view of something else.
 */
public final class InPlace {
    private InPlace() {}

    /** The operand that the node writes its result over; empty where it makes a new tensor, or a view. */
    public static OptionalInt operand(Network network, Node node) {
        return switch (node.layer()) {
            case Layer.Activation l -> first(network, node, 1);
            case Layer.Shift l -> first(network, node, 1);
            case Layer.Add l -> first(network, node, 2);
            case Layer.Convolution l -> OptionalInt.empty();
            case Layer.BatchNorm l -> OptionalInt.empty();
            case Layer.Pooling l -> OptionalInt.empty();
            case Layer.Pad l -> OptionalInt.empty();
            case Layer.GlobalAveragePool l -> OptionalInt.empty();
            case Layer.Flatten l -> OptionalInt.empty();
            case Layer.Linear l -> OptionalInt.empty();
            case Layer.Concat l -> OptionalInt.empty();
            case Layer.IndexMap l -> OptionalInt.empty();
        };
    }

    private static OptionalInt first(Network network, Node node, int operands) {
        for (int i = 0; i < operands; i++) {
            if (mayOverwrite(network, node.inputs().get(i))) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    private static boolean mayOverwrite(Network network, String name) {
        long reads = network.nodes().stream()
                .flatMap(n -> n.inputs().stream())
                .filter(name::equals)
                .count();
        return reads == 1
                && network.node(name)
                        .map(producer -> producer.layer() instanceof Layer.Convolution
                                || producer.layer() instanceof Layer.BatchNorm
                                || producer.layer() instanceof Layer.Linear
                                || producer.layer() instanceof Layer.Add
                                || producer.layer() instanceof Layer.Shift)
                        .orElse(false);
    }
}
