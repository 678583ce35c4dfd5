package org.secateur.models.core.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.PoolingKind;

/** Shape inference. */
public final class Shapes {
    private Shapes() {}

    /**
     * The output shape of every node by its name, in the network's order, and the image's under {@link Network#INPUT}.
     *
     * @throws IllegalArgumentException naming the node, when a size becomes less than 1, inputs disagree, an index map
     *     reads a channel that does not exist, or the last node does not give the classes
     */
    public static Map<String, Shape> of(Network network) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(Network.INPUT, network.input());
        for (Node node : network.nodes()) {
            shapes.put(node.name(), output(node.name(), node.layer(), inputs(node, shapes)));
        }
        Shape logits = shapes.get(network.output().name());
        if (logits == null || !logits.equals(new Shape(network.classes(), 1, 1))) {
            throw refused(
                    network.output().name(),
                    "the last node gives " + (logits == null ? "nothing" : logits.text()) + ": expected the "
                            + network.classes() + " classes, " + network.classes() + "x1x1");
        }
        return Collections.unmodifiableMap(shapes);
    }

    /** The shapes that {@code node} reads, in order. */
    public static List<Shape> inputs(Node node, Map<String, Shape> shapes) {
        return node.inputs().stream().map(name -> require(shapes, name)).toList();
    }

    /** The shape of a tensor; the name must be one of the map's. */
    public static Shape require(Map<String, Shape> shapes, String name) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalArgumentException("no tensor " + name + ": expected one of " + shapes.keySet());
        }
        return shape;
    }

    /**
     * The shape that a layer gives for its inputs' shapes.
     *
     * @param node the name for messages
     */
    public static Shape output(String node, Layer layer, List<Shape> inputs) {
        requireInputs(node, layer, inputs.size());
        Shape in = inputs.get(0);
        return switch (layer) {
            case Layer.Convolution l -> convolution(node, l, in);
            case Layer.BatchNorm l -> in;
            case Layer.Activation l -> in;
            case Layer.Pooling l -> pooling(node, l, in);
            case Layer.Pad l -> pad(node, l, in);
            case Layer.GlobalAveragePool l -> new Shape(in.channels(), 1, 1);
            case Layer.Flatten l -> new Shape(in.elements(), 1, 1);
            case Layer.Linear l -> linear(node, l, in);
            case Layer.Add l -> add(node, in, inputs.get(1));
            case Layer.Shift l -> in;
            case Layer.Concat l -> concat(node, inputs);
            case Layer.IndexMap l -> indexMap(node, l, in);
        };
    }

    private static void requireInputs(String node, Layer layer, int count) {
        boolean right = switch (layer) {
            case Layer.Add l -> count == 2;
            case Layer.Concat l -> count >= 1;
            case Layer.Convolution l -> count == 1;
            case Layer.BatchNorm l -> count == 1;
            case Layer.Activation l -> count == 1;
            case Layer.Pooling l -> count == 1;
            case Layer.Pad l -> count == 1;
            case Layer.GlobalAveragePool l -> count == 1;
            case Layer.Flatten l -> count == 1;
            case Layer.Linear l -> count == 1;
            case Layer.Shift l -> count == 1;
            case Layer.IndexMap l -> count == 1;
        };
        if (!right) {
            throw refused(node, layer + " reads " + count + " tensors: expected 2 for an add, else 1");
        }
    }

    private static Shape convolution(String node, Layer.Convolution l, Shape in) {
        if (l.outputs() < 1 || l.groups() < 1 || in.channels() % l.groups() != 0 || l.outputs() % l.groups() != 0) {
            throw refused(
                    node,
                    in.channels() + " input and " + l.outputs() + " output channels in " + l.groups()
                            + " groups: both must be positive multiples of the groups");
        }
        requirePositive(node, l.kernel(), l.stride(), l.dilation());
        return pixels(
                node,
                in,
                l.kernel(),
                l.padding(),
                l.outputs(),
                Operation.outputSize(
                        in.height(),
                        l.kernel().height(),
                        l.stride().height(),
                        l.padding().height(),
                        l.dilation().height()),
                Operation.outputSize(
                        in.width(),
                        l.kernel().width(),
                        l.stride().width(),
                        l.padding().width(),
                        l.dilation().width()));
    }

    private static Shape pooling(String node, Layer.Pooling l, Shape in) {
        if (2 * l.padding().height() > l.window().height()
                || 2 * l.padding().width() > l.window().width()) {
            throw refused(
                    node,
                    "padding " + l.padding().text() + ": expected at most half the window "
                            + l.window().text());
        }
        requirePositive(node, l.window(), l.stride(), l.dilation());
        boolean dilated = !l.dilation().equals(Extent.of(1));
        if (dilated
                && (l.kind() != PoolingKind.MAX
                        || l.dilation().height() > in.height()
                        || l.dilation().width() > in.width())) {
            throw refused(
                    node,
                    "dilation " + l.dilation().text() + ": expected that of a maximum, and at most the image, "
                            + in.text());
        }
        return pixels(
                node,
                in,
                l.span(),
                l.padding(),
                in.channels(),
                Operation.poolSize(
                        in.height(),
                        l.span().height(),
                        l.stride().height(),
                        l.padding().height(),
                        l.ceil()),
                Operation.poolSize(
                        in.width(),
                        l.span().width(),
                        l.stride().width(),
                        l.padding().width(),
                        l.ceil()));
    }

    private static Shape pad(String node, Layer.Pad l, Shape in) {
        long height = (long) l.before().height() + in.height() + l.after().height();
        long width = (long) l.before().width() + in.width() + l.after().width();
        if (height * width > Integer.MAX_VALUE / in.channels()) {
            throw refused(node, "it pads " + in.text() + " to " + height + "x" + width + " pixels, which are too many");
        }
        return new Shape(in.channels(), (int) height, (int) width);
    }

    private static Shape pixels(
            String node, Shape in, Extent window, Extent padding, int channels, int height, int width) {
        if (height < 1 || width < 1) {
            throw refused(
                    node,
                    "input " + in.text() + " is smaller than the window " + window.text() + " with padding "
                            + padding.text() + ", so that no pixel would be left; a larger image is needed");
        }
        return new Shape(channels, height, width);
    }

    private static void requirePositive(String node, Extent... extents) {
        for (Extent extent : extents) {
            if (extent.height() < 1 || extent.width() < 1) {
                throw refused(node, "size " + extent.text() + ": windows, strides and dilations must be at least 1");
            }
        }
    }

    private static Shape linear(String node, Layer.Linear l, Shape in) {
        if (in.height() != 1 || in.width() != 1 || l.outputs() < 1) {
            throw refused(
                    node,
                    "input " + in.text() + " to " + l.outputs() + " outputs: expected a flat vector and at least 1");
        }
        return new Shape(l.outputs(), 1, 1);
    }

    private static Shape add(String node, Shape a, Shape b) {
        if (!a.equals(b)) {
            throw refused(node, "the summands " + a.text() + " and " + b.text() + " disagree");
        }
        return a;
    }

    private static Shape concat(String node, List<Shape> inputs) {
        Shape first = inputs.get(0);
        if (inputs.stream().anyMatch(s -> s.height() != first.height() || s.width() != first.width())) {
            throw refused(node, "inputs " + inputs.stream().map(Shape::text).toList() + " disagree in height or width");
        }
        return new Shape(inputs.stream().mapToInt(Shape::channels).sum(), first.height(), first.width());
    }

    private static Shape indexMap(String node, Layer.IndexMap l, Shape in) {
        for (int source : l.sources()) {
            if (source >= in.channels()) {
                throw refused(node, "source " + source + ": expected 0.." + (in.channels() - 1) + ", or -1 for zero");
            }
        }
        if (l.stride().height() < 1 || l.stride().width() < 1) {
            throw refused(node, "stride " + l.stride().text() + ": expected at least 1");
        }
        return new Shape(
                l.sources().size(),
                (in.height() - 1) / l.stride().height() + 1,
                (in.width() - 1) / l.stride().width() + 1);
    }

    private static IllegalArgumentException refused(String node, String why) {
        return new IllegalArgumentException("node " + node + ": " + why);
    }
}
