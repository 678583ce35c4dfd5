package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;

/**
 * What a network counts: multiply-accumulates of one image's inference, and trained parameters.
 *
 * @param layers in the network's order; nodes that count nothing included
 */
public record Counts(Count macs, Count parameters, List<LayerCount> layers) {
    public Counts {
        layers = List.copyOf(layers);
    }

    /**
     * A number by where it arises. Papers' figures are {@code convolution + linear}.
     *
     * @param other batch norm: one multiply-accumulate per element, gamma and beta
     */
    public record Count(long convolution, long linear, long other) {
        private static final Count NONE = new Count(0, 0, 0);

        /** All of it. */
        public long total() {
            return convolution + linear + other;
        }

        private Count plus(Count more) {
            return new Count(convolution + more.convolution, linear + more.linear, other + more.other);
        }
    }

    /** The share of one node. */
    public record LayerCount(String name, Count macs, Count parameters) {}

    /** Counts a network. */
    public static Counts of(Network network) {
        Map<String, Shape> shapes = Shapes.of(network);
        List<LayerCount> layers = new ArrayList<>();
        Count macs = Count.NONE;
        Count parameters = Count.NONE;
        for (Node node : network.nodes()) {
            List<Shape> inputs = Shapes.inputs(node, shapes);
            LayerCount layer = new LayerCount(
                    node.name(),
                    count(node.layer(), macs(node.layer(), inputs.get(0), Shapes.require(shapes, node.name()))),
                    count(node.layer(), trained(node, inputs)));
            layers.add(layer);
            macs = macs.plus(layer.macs());
            parameters = parameters.plus(layer.parameters());
        }
        return new Counts(macs, parameters, layers);
    }

    private static Count count(Layer layer, long number) {
        return switch (layer) {
            case Layer.Convolution l -> new Count(number, 0, 0);
            case Layer.Linear l -> new Count(0, number, 0);
            default -> new Count(0, 0, number);
        };
    }

    private static long macs(Layer layer, Shape in, Shape out) {
        return switch (layer) {
            case Layer.Convolution l ->
                (long) out.elements()
                        * (in.channels() / l.groups())
                        * l.kernel().height()
                        * l.kernel().width();
            case Layer.Linear l -> (long) in.channels() * out.channels();
            case Layer.BatchNorm l -> out.elements();
            default -> 0;
        };
    }

    private static long trained(Node node, List<Shape> inputs) {
        return Parameters.of(node.name(), node.layer(), inputs).stream()
                .filter(t -> t.kind() == Kind.TRAINED)
                .mapToLong(Tensor::elements)
                .sum();
    }
}
