package org.secateur.models.onnx;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.secateur.models.onnx.Value.Activations;
import org.secateur.models.onnx.Value.Constant;
import org.secateur.results.core.Extent;

/**
 * The attributes and inputs of a node. What is not as expected is refused with the node's name; so is, at the end, an
 * attribute that the operator did not ask for, so that nothing that changes its meaning is passed over.
 */
final class Arguments {
    /** Windows, strides, paddings and dilations; far below where shapes would exceed an int. */
    static final int LARGEST_SIZE = 4096;

    private final OnnxNode node;
    private final Map<String, Value> values;
    private final Set<String> known = new HashSet<>();

    /**
     * Those of one node.
     *
     * @param values what is made before it, by name
     */
    Arguments(OnnxNode node, Map<String, Value> values) {
        this.node = node;
        this.values = values;
    }

    OnnxNode node() {
        return node;
    }

    IllegalArgumentException refused(String why) {
        return node.refused(why);
    }

    /** Demands that every attribute was asked for. */
    void end() {
        for (String name : node.attributes().keySet()) {
            if (!known.contains(name)) {
                throw node.refused("attribute \"" + ModuleNames.shown(name) + "\" is not known");
            }
        }
    }

    /** Lets an attribute be, whatever it says. */
    void ignore(String name) {
        known.add(name);
    }

    long whole(String name, long otherwise) {
        return find(name, OnnxAttribute.Whole.class, "an integer")
                .map(OnnxAttribute.Whole::value)
                .orElse(otherwise);
    }

    float number(String name, float otherwise) {
        return find(name, OnnxAttribute.Real.class, "a number")
                .map(OnnxAttribute.Real::value)
                .orElse(otherwise);
    }

    String text(String name, String otherwise) {
        return find(name, OnnxAttribute.Text.class, "a string")
                .map(OnnxAttribute.Text::value)
                .orElse(otherwise);
    }

    Optional<List<Long>> wholes(String name) {
        return find(name, OnnxAttribute.Wholes.class, "integers").map(OnnxAttribute.Wholes::values);
    }

    Optional<OnnxTensor> tensor(String name) {
        return find(name, OnnxAttribute.Constant.class, "a tensor").map(OnnxAttribute.Constant::value);
    }

    /** A height and a width. */
    Optional<Extent> extent(String name) {
        return wholes(name).map(values -> {
            if (values.size() != 2) {
                throw node.refused(name + " has " + values.size() + " sizes: expected a height and a width");
            }
            return new Extent(size(name, values.get(0)), size(name, values.get(1)));
        });
    }

    /** Strides or dilations, each at least 1. */
    Extent steps(String name) {
        Extent steps = extent(name).orElse(Extent.of(1));
        if (steps.height() < 1 || steps.width() < 1) {
            throw node.refused(name + " are " + steps.text() + ": expected at least 1");
        }
        return steps;
    }

    /**
     * The padding, stated or to be found ({@code auto_pad}).
     *
     * @param image height and width of what is padded
     * @param span of the window, with its dilation
     */
    Border border(Extent image, Extent span, Extent stride) {
        String automatic = text("auto_pad", "NOTSET");
        List<Long> pads = wholes("pads").orElse(List.of(0L, 0L, 0L, 0L));
        if (pads.size() != 4) {
            throw node.refused("it has " + pads.size() + " pads: expected four");
        }
        Border stated = new Border(
                new Extent(size("pads", pads.get(0)), size("pads", pads.get(1))),
                new Extent(size("pads", pads.get(2)), size("pads", pads.get(3))));
        if (!automatic.equals("NOTSET") && !stated.isNone()) {
            throw node.refused("auto_pad is " + ModuleNames.shown(automatic) + ", and there are pads");
        }
        return switch (automatic) {
            case "NOTSET", "VALID" -> stated;
            case "SAME_UPPER", "SAME_LOWER" -> {
                int height = same(image.height(), span.height(), stride.height());
                int width = same(image.width(), span.width(), stride.width());
                Extent less = new Extent(height / 2, width / 2);
                Extent more = new Extent(height - height / 2, width - width / 2);
                yield automatic.equals("SAME_UPPER") ? new Border(less, more) : new Border(more, less);
            }
            default ->
                throw node.refused("auto_pad is " + ModuleNames.shown(automatic)
                        + ": expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
        };
    }

    /** What both sides take together, so that there is a window for every stride that begins in the image. */
    private int same(int image, int span, int stride) {
        int windows = Math.ceilDiv(image, stride);
        return size("auto_pad of", Math.max(0, (windows - 1) * stride + span - image));
    }

    /** Demands a value that means nothing special. */
    void requireWhole(String name, long expected) {
        long value = whole(name, expected);
        if (value != expected) {
            throw node.refused(name + " is " + value + ": expected " + expected);
        }
    }

    /** Demands a value that means nothing special. */
    void requireNumber(String name, float expected) {
        float value = number(name, expected);
        if (value != expected) {
            throw node.refused(name + " is " + value + ": expected " + expected);
        }
    }

    /** A size within limits. */
    int size(String name, long value) {
        if (value < 0 || value > LARGEST_SIZE) {
            throw node.refused(name + " " + value + ": expected 0.." + LARGEST_SIZE);
        }
        return (int) value;
    }

    /** How many inputs there are. */
    int inputs() {
        return node.inputs().size();
    }

    /** Whether every input that is given is a constant. */
    boolean allConstant() {
        return node.inputs().stream().allMatch(name -> name.isEmpty() || values.get(name) instanceof Constant);
    }

    /** The name of an input. */
    String inputName(int input) {
        if (node.inputs().size() <= input) {
            throw node.refused("it has " + node.inputs().size() + " inputs: expected at least " + (input + 1));
        }
        return node.inputs().get(input);
    }

    Value value(int input) {
        Value value = values.get(inputName(input));
        if (value == null) {
            throw node.refused(
                    "it reads \"" + ModuleNames.shown(inputName(input)) + "\", which nothing before it makes");
        }
        return value;
    }

    Activations activations(int input) {
        if (!(value(input) instanceof Activations activations)) {
            throw node.refused("its input " + input + " is a constant: expected what a layer computes");
        }
        if (activations.last()) {
            throw node.refused("it reads a softmax, which is read at the end only");
        }
        return activations;
    }

    /** Activations without padding, which only convolutions and averages take. */
    Activations plain(int input) {
        Activations activations = activations(input);
        if (activations.padded()) {
            throw node.refused("it reads padded pixels: expected a convolution or an average behind a Pad");
        }
        return activations;
    }

    /** Maps of pixels. */
    Activations maps(int input) {
        Activations activations = activations(input);
        if (activations.flat()) {
            throw node.refused("it reads vectors: expected four dimensions");
        }
        return activations;
    }

    /** Maps of pixels without padding. */
    Activations plainMaps(int input) {
        plain(input);
        return maps(input);
    }

    /** Vectors. */
    Activations vectors(int input) {
        Activations activations = plain(input);
        if (!activations.flat()) {
            throw node.refused("it reads four dimensions: expected vectors");
        }
        return activations;
    }

    OnnxTensor constant(int input) {
        if (!(value(input) instanceof Constant constant)) {
            throw node.refused("its input " + input + " is computed: expected a constant");
        }
        return constant.tensor();
    }

    /** A constant that may be left out. */
    Optional<OnnxTensor> optional(int input) {
        boolean given =
                node.inputs().size() > input && !node.inputs().get(input).isEmpty();
        return given ? Optional.of(constant(input)) : Optional.empty();
    }

    /** Demands that an axis is that of the channels, or of a vector's features. */
    void requireChannels(long axis, boolean flat) {
        if (axis != 1 && axis != (flat ? -1 : -3)) {
            throw node.refused("its axis is " + axis + ": expected 1, the channels");
        }
    }

    /** An axis, counted from behind where negative. */
    int axis(long axis, int dimensions) {
        long positive = axis < 0 ? axis + dimensions : axis;
        if (positive < 0 || positive >= dimensions) {
            throw node.refused("axis " + axis + ": expected one of " + dimensions);
        }
        return (int) positive;
    }

    private <T extends OnnxAttribute> Optional<T> find(String name, Class<T> type, String expected) {
        known.add(name);
        OnnxAttribute value = node.attributes().get(name);
        if (value != null && !type.isInstance(value)) {
            throw node.refused("attribute " + name + " is something else: expected " + expected);
        }
        return Optional.ofNullable(value).map(type::cast);
    }
}
