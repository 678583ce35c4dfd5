package org.secateur.models.onnx;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.onnx.Value.Activations;
import org.secateur.models.onnx.Value.Constant;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/**
 * Makes a network of a file's graph, operator by operator (onnx/onnx, Operators.md). What only changes how activations
 * are stored (Identity, Dropout, a Reshape of one pixel) leaves no layer. It is long because each operator has its dozen
 * lines here.
 */
final class GraphImport {
    private static final String OPERATORS = "Conv, BatchNormalization, Relu, Clip, MaxPool, AveragePool,"
            + " GlobalAveragePool, ReduceMean, Gemm, MatMul, Add, Concat, Flatten, Reshape, Softmax, Dropout, Identity,"
            + " Pad, Slice, Gather, Sub, Constant, Shape, and what few constants are computed with";

    private static final Extent ONE = Extent.of(1);

    private final Map<String, Value> values = new HashMap<>();
    /** How often each name is read. */
    private final Map<String, Integer> readers = new HashMap<>();

    private final ModuleNames names = new ModuleNames();
    /** Names that something else than a convolution or an average reads. */
    private final Set<String> readOtherwise = new HashSet<>();
    /** Layers whose values are read once, so that a sum may give them a bias. */
    private final Map<String, String> products = new HashMap<>();

    private final OnnxModel model;
    private final ImportedGraph graph;

    /**
     * Prepares the import.
     *
     * @param image the name of the images
     * @param shape of one image
     * @param mostBytes of all weights together
     */
    GraphImport(OnnxModel model, String image, Shape shape, long mostBytes) {
        this.model = model;
        graph = new ImportedGraph(shape, mostBytes);
        model.initializers().forEach((name, tensor) -> values.put(name, new Constant(tensor)));
        values.put(image, new Activations(Network.INPUT, false));
        model.nodes().forEach(node -> node.inputs().forEach(name -> readers.merge(name, 1, Integer::sum)));
        model.outputs().forEach(name -> readers.merge(name, 1, Integer::sum));
        model.nodes().stream()
                .filter(node ->
                        !node.operator().equals("Conv") && !node.operator().equals("AveragePool"))
                .forEach(node -> readOtherwise.addAll(node.inputs()));
        readOtherwise.addAll(model.outputs());
    }

    /**
     * The network and its weights.
     *
     * @throws IllegalArgumentException naming the first node that is not understood
     */
    OnnxFile network(String name) {
        for (OnnxNode node : model.nodes()) {
            if (!node.domain().isEmpty()) {
                throw node.refused("operators of the domain \"" + ModuleNames.shown(node.domain()) + "\" are not read");
            }
            Arguments in = new Arguments(node, values);
            if (ConstantFolding.applies(in)) {
                alias(in, new Constant(graph.counted(ConstantFolding.folded(in))));
            } else {
                read(in);
            }
            in.end();
        }
        if (model.outputs().size() != 1) {
            throw new IllegalArgumentException("it has " + model.outputs().size() + " outputs: expected the logits");
        }
        String output = model.outputs().get(0);
        if (!(values.get(output) instanceof Activations logits) || logits.padded()) {
            throw new IllegalArgumentException("no layer computes its output \"" + ModuleNames.shown(output) + "\"");
        }
        return graph.finish(name, logits.node());
    }

    private void read(Arguments in) {
        switch (in.node().operator()) {
            case "Conv" -> convolution(in);
            case "BatchNormalization" -> batchNorm(in);
            case "Relu" -> activation(in, ActivationKind.RELU);
            case "Clip" -> clip(in);
            case "MaxPool" -> pooling(in, PoolingKind.MAX);
            case "AveragePool" -> pooling(in, PoolingKind.AVERAGE);
            case "GlobalAveragePool" -> mean(in, true);
            case "ReduceMean" -> reduceMean(in);
            case "Gemm" -> gemm(in);
            case "MatMul" -> product(in);
            case "Add" -> add(in);
            case "Sub" -> shift(in, 0, in.constant(1), -1);
            case "Concat" -> concat(in);
            case "Flatten" -> flatten(in);
            case "Reshape" -> reshape(in);
            case "Softmax" -> softmax(in);
            case "Dropout" -> dropout(in);
            case "Identity" -> alias(in, in.value(0));
            case "Pad" -> pad(in);
            case "Slice" -> select(in, ChannelSelection.slice(in, shape(in)));
            case "Gather" -> select(in, ChannelSelection.gather(in, shape(in)));
            case "Constant" -> constant(in);
            case "Shape" -> {
                Activations input = in.plain(0);
                alias(in, new Constant(ConstantFolding.shape(input, graph.shape(input.node()))));
            }
            default -> throw in.refused("this operator is not read; these are: " + OPERATORS);
        }
    }

    /** Zeros that a Pad put around the pixels are the convolution's padding. */
    private void convolution(Arguments in) {
        Activations input = in.maps(0);
        HostTensor weight = weight(in, 1, 4);
        Extent kernel = new Extent(in.size("kernel", weight.shape()[2]), in.size("kernel", weight.shape()[3]));
        if (!in.extent("kernel_shape").orElse(kernel).equals(kernel)) {
            throw in.refused("kernel_shape is not " + kernel.text() + ", the weight's");
        }
        Extent stride = in.steps("strides");
        Extent dilation = in.steps("dilations");
        Extent image = Border.alike(input.padding()).around(pixels(input));
        Border border = in.border(image, Operation.Pooling.span(kernel, dilation), stride);
        Extent pads = border.common(Extent.of(Arguments.LARGEST_SIZE));
        Activations padded = padded(in, in.inputName(1), input, border.without(pads), 0);
        Map<String, HostTensor> weights = new HashMap<>();
        weights.put("weight", weight);
        in.optional(2).ifPresent(bias -> weights.put("bias", graph.weight(bias)));
        long groups = in.whole("group", 1);
        if (groups < 1 || groups > weight.shape()[0]) {
            throw in.refused("group is " + groups + ": expected 1.." + weight.shape()[0]);
        }
        Layer layer = new Layer.Convolution(
                weight.shape()[0],
                kernel,
                stride,
                new Extent(
                        pads.height() + input.padding().height(),
                        pads.width() + input.padding().width()),
                dilation,
                (int) groups,
                weights.containsKey("bias"));
        String name = append(in, in.inputName(1), layer, List.of(padded), weights, false);
        if (!model.producer().equals(OnnxFile.PRODUCER)) { // which adds what pruning left, not a bias to train
            mayTakeBias(in, name);
        }
    }

    private Extent pixels(Activations input) {
        Shape shape = graph.shape(input.node());
        return new Extent(shape.height(), shape.width());
    }

    /** The same with pixels around it, by a layer of its own where there are any. */
    private Activations padded(Arguments in, String weight, Activations input, Border border, double value) {
        if (border.isNone()) {
            return input;
        }
        String name = names.pad(in.node(), weight);
        append(in, name, new Layer.Pad(border.before(), border.after(), value), List.of(input), Map.of());
        return new Activations(name, false);
    }

    private void mayTakeBias(Arguments in, String layer) {
        String value = in.node().outputs().get(0);
        if (readers.getOrDefault(value, 0) == 1) {
            products.put(layer, value);
        }
    }

    /** ONNX weighs the old statistics where PyTorch weighs the new ones. */
    private void batchNorm(Arguments in) {
        in.requireWhole("training_mode", 0);
        if (in.node().outputs().stream().filter(output -> !output.isEmpty()).count() > 1) {
            throw in.refused("it hands on its statistics, as in training"); // training_mode is new in opset 14
        }
        Activations input = in.plain(0);
        BigDecimal momentum = decimal(in, "momentum", 0.9f);
        Layer layer = new Layer.BatchNorm(
                decimal(in, "epsilon", 1e-5f).doubleValue(),
                BigDecimal.ONE.subtract(momentum).doubleValue());
        Map<String, HostTensor> weights = new HashMap<>();
        weights.put("weight", weight(in, 1, 1));
        weights.put("bias", weight(in, 2, 1));
        weights.put("running_mean", weight(in, 3, 1));
        weights.put("running_var", weight(in, 4, 1));
        append(in, in.inputName(1), layer, List.of(input), weights, input.flat());
    }

    /** The decimal number that a float was written for: 1e-5 and not 9.99999974e-6. */
    private static BigDecimal decimal(Arguments in, String name, float otherwise) {
        float value = in.number(name, otherwise);
        if (!(value >= 0 && value <= 1)) {
            throw in.refused(name + " is " + value + ": expected 0..1");
        }
        return new BigDecimal(Float.toString(value));
    }

    private void activation(Arguments in, ActivationKind kind) {
        Activations input = in.plain(0);
        append(in, "", new Layer.Activation(kind), List.of(input), Map.of(), input.flat());
    }

    /** The largest and the smallest float are no bounds. */
    private void clip(Arguments in) {
        double least = bound(in, 1, "min", Double.NEGATIVE_INFINITY);
        double most = bound(in, 2, "max", Double.POSITIVE_INFINITY);
        if (!(least < most)) {
            throw in.refused("it clips to " + least + ".." + most + ": expected the first below the second");
        }
        if (Double.isInfinite(least) && Double.isInfinite(most)) {
            alias(in, in.plain(0));
        } else {
            activation(in, new ActivationKind(least, most));
        }
    }

    private static double bound(Arguments in, int input, String name, double otherwise) {
        Optional<OnnxTensor> constant = in.optional(input);
        if (constant.isEmpty()) {
            return otherwise;
        }
        if (constant.get().elements() != 1) {
            throw in.refused("its " + name + " is no single number");
        }
        float bound = constant.get().floats()[0];
        if (Math.abs(bound) >= Float.MAX_VALUE) {
            return bound < 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        return Float.isNaN(bound) ? Double.NaN : Double.parseDouble(Float.toString(bound));
    }

    /**
     * A window of one pixel does nothing; PyTorch writes one for an adaptive pool to the size that is there. Zeros that a
     * Pad put around the pixels are padding that an average counts: so PyTorch's older exporter writes it.
     */
    private void pooling(Arguments in, PoolingKind kind) {
        Activations given = kind == PoolingKind.MAX ? in.plainMaps(0) : in.maps(0);
        Extent window = in.extent("kernel_shape").orElseThrow(() -> in.refused("kernel_shape is missing"));
        if (window.height() < 1 || window.width() < 1) {
            throw in.refused("kernel_shape is " + window.text() + ": expected at least 1");
        }
        Extent stride = in.steps("strides");
        Extent dilation = in.steps("dilations");
        if (kind != PoolingKind.MAX && !dilation.equals(ONE)) {
            throw in.refused("its window is dilated, which is read of a MaxPool only");
        }
        in.requireWhole("storage_order", 0);
        Extent span = Operation.Pooling.span(window, dilation);
        Border zeros = Border.alike(given.padding());
        Border stated = in.border(zeros.around(pixels(given)), span, stride);
        boolean counts = kind == PoolingKind.AVERAGE && in.whole("count_include_pad", 0) != 0;
        boolean ceil = in.whole("ceil_mode", 0) != 0;
        boolean merged = !ceil
                && !window.equals(ONE)
                && (counts || stated.isNone())
                && stated.plus(zeros).isBelow(span);
        Border border = merged ? stated.plus(zeros) : stated;
        Activations input = merged ? new Activations(given.node(), false) : padded(in, "", given, zeros, 0);
        boolean counted = kind == PoolingKind.AVERAGE && (counts || merged) && !border.isNone();
        if (window.equals(ONE) && stride.equals(ONE) && border.isNone()) {
            alias(in, input);
            return;
        }
        if (!border.isBelow(span)) {
            throw in.refused("it pads by " + border.before().text() + " and "
                    + border.after().text() + ": expected less than its window, " + span.text());
        }
        PoolingForm form = new PoolingForm(counted ? PoolingKind.PADDED_AVERAGE : kind, window, stride, dilation);
        PoolingForm.Padded pool = form.fitted(pixels(input), border, ceil)
                .orElseThrow(() -> in.refused("its pads, " + border.before().text() + " above and left and "
                        + border.after().text() + " below and right, cannot be read of a mean without them"));
        double fill = kind == PoolingKind.MAX ? Layer.Pad.LOWEST : 0;
        append(in, "", pool.layer(), List.of(padded(in, "", input, pool.border(), fill)), Map.of(), false);
    }

    private void mean(Arguments in, boolean keepsPixels) {
        append(in, "", new Layer.GlobalAveragePool(), List.of(in.plainMaps(0)), Map.of(), !keepsPixels);
    }

    /** The mean over both pixel axes is another way to write a global average pool. */
    private void reduceMean(Arguments in) {
        in.plainMaps(0);
        Optional<OnnxTensor> constant = in.optional(1);
        long[] axes = constant.isPresent()
                ? constant.get().wholes()
                : in.wholes("axes").orElse(List.of()).stream()
                        .mapToLong(Long::longValue)
                        .toArray();
        Set<Integer> chosen = new HashSet<>();
        for (long axis : axes) {
            chosen.add(in.axis(axis, 4));
        }
        if (!chosen.equals(Set.of(2, 3))) {
            throw in.refused("expected the mean over height and width");
        }
        in.ignore("noop_with_empty_axes");
        mean(in, in.whole("keepdims", 1) != 0);
    }

    private void gemm(Arguments in) {
        in.requireNumber("alpha", 1);
        in.requireNumber("beta", 1);
        in.requireWhole("transA", 0);
        boolean transposed = in.whole("transB", 0) != 0;
        HostTensor stored = weight(in, 1, 2);
        int outputs = stored.shape()[transposed ? 0 : 1];
        Map<String, HostTensor> weights = new HashMap<>();
        weights.put("weight", transposed ? stored : transposed(stored));
        in.optional(2).ifPresent(bias -> {
            if (bias.elements() != outputs) {
                throw in.refused("its bias has shape " + bias.dimensions() + ": expected " + outputs + " numbers");
            }
            weights.put("bias", reshaped(graph.weight(bias), outputs));
        });
        Layer layer = new Layer.Linear(outputs, weights.containsKey("bias"));
        append(in, in.inputName(1), layer, List.of(in.vectors(0)), weights, true);
    }

    private void product(Arguments in) {
        HostTensor stored = weight(in, 1, 2);
        Layer layer = new Layer.Linear(stored.shape()[1], false);
        Map<String, HostTensor> weights = Map.of("weight", transposed(stored));
        mayTakeBias(in, append(in, in.inputName(1), layer, List.of(in.vectors(0)), weights, true));
    }

    private void add(Arguments in) {
        for (int i = 0; i < 2; i++) {
            if (in.value(i) instanceof Constant constant) {
                shift(in, 1 - i, constant.tensor(), 1);
                return;
            }
        }
        List<Activations> inputs = List.of(in.plain(0), in.plain(1));
        append(in, "", new Layer.Add(), inputs, Map.of(), inputs.get(0).flat());
    }

    /**
     * A constant right behind a product or convolution is its bias, anywhere else a shift: of each channel, or of each
     * pixel where it differs from pixel to pixel. Behind a node between them, the product itself may be read as well.
     */
    private void shift(Arguments in, int place, OnnxTensor constant, int sign) {
        Activations input = in.plain(place);
        Shape shape = graph.shape(input.node());
        int[] sizes = {shape.channels(), shape.height(), shape.width()};
        HostTensor stored = broadcast(in, constant, input.flat() ? new int[] {shape.elements()} : sizes, sign);
        if (stored.shape().length == 1 && products.remove(input.node(), in.inputName(place))) {
            graph.bias(input.node(), stored);
            alias(in, input);
            return;
        }
        Layer layer = new Layer.Shift(stored.shape().length == 1 ? Operand.CHANNEL : Operand.MAP);
        append(in, "", layer, List.of(input), Map.of("shift", stored), input.flat());
    }

    /** A constant as one number per channel where that is what it says, else in this shape; the last sizes stand last. */
    private HostTensor broadcast(Arguments in, OnnxTensor constant, int[] sizes, int sign) {
        List<Long> given = constant.dimensions();
        int[] strides = new int[sizes.length];
        int stride = 1;
        boolean fits = given.size() <= sizes.length + 1 && constant.elements() > 0;
        for (int i = 0; fits && i < given.size(); i++) {
            int axis = sizes.length - 1 - i;
            long size = given.get(given.size() - 1 - i);
            fits = size == 1 || (axis >= 0 && size == sizes[axis]);
            if (fits && size > 1) {
                strides[axis] = stride;
                stride *= (int) size;
            }
        }
        if (!fits) {
            throw in.refused("it adds a constant of shape " + given + " to " + Arrays.toString(sizes)
                    + ": expected one that is spread over it");
        }
        boolean perChannel = sizes.length == 1 || (strides[1] == 0 && strides[2] == 0);
        int[] shape = perChannel ? new int[] {sizes[0]} : sizes;
        int pixels = perChannel ? 1 : sizes[1] * sizes[2];
        graph.count((long) shape[0] * pixels);
        HostTensor stored = HostTensor.zeros(shape);
        float[] values = constant.floats();
        for (int i = 0; i < stored.data().length; i++) {
            int pixel = i % pixels;
            int place = i / pixels * strides[0];
            if (!perChannel) {
                place += pixel / sizes[2] * strides[1] + pixel % sizes[2] * strides[2];
            }
            stored.data()[i] = sign * values[place];
        }
        return stored;
    }

    private void concat(Arguments in) {
        List<Activations> inputs = new ArrayList<>();
        for (int i = 0; i < Math.max(1, in.inputs()); i++) {
            inputs.add(in.plain(i));
        }
        boolean flat = inputs.get(0).flat();
        in.requireChannels(in.whole("axis", Long.MIN_VALUE), flat);
        append(in, "", new Layer.Concat(), inputs, Map.of(), flat);
    }

    /** Behind a global average pool there is nothing to flatten. */
    private void flatten(Arguments in) {
        Activations input = in.plain(0);
        in.requireChannels(in.whole("axis", 1), input.flat());
        boolean pooled = !input.node().equals(Network.INPUT)
                && graph.node(input.node()).layer() instanceof Layer.GlobalAveragePool;
        if (pooled) {
            alias(in, new Activations(input.node(), true));
        } else {
            append(in, "", new Layer.Flatten(), List.of(input), Map.of(), true);
        }
    }

    /** To vectors it is a flatten; where an image has one pixel it changes nothing. */
    private void reshape(Arguments in) {
        boolean zeroIsSize = in.whole("allowzero", 0) != 0;
        Activations input = in.plain(0);
        Shape shape = graph.shape(input.node());
        long[] sizes = in.constant(1).wholes();
        boolean onePixel = shape.height() == 1 && shape.width() == 1;
        boolean toVectors = sizes.length == 2 && isSize(sizes[1], shape.elements());
        boolean toMaps = sizes.length == 4
                && onePixel
                && isSize(sizes[1], shape.channels())
                && isSize(sizes[2], 1)
                && isSize(sizes[3], 1);
        boolean oneInferred = Arrays.stream(sizes).filter(size -> size == -1).count() <= 1;
        boolean batch = sizes.length > 0 && sizes[0] >= -1 && !(zeroIsSize && sizes[0] == 0);
        if (!(toVectors || toMaps) || !oneInferred || !batch) {
            String to = sizes.length > 4 ? sizes.length + " dimensions" : Arrays.toString(sizes);
            throw in.refused(
                    "it reshapes " + shape.text() + " to " + to + ": expected the batch and all features of an image");
        }
        if (onePixel) {
            alias(in, new Activations(input.node(), toVectors));
        } else {
            append(in, "", new Layer.Flatten(), List.of(input), Map.of(), true);
        }
    }

    private static boolean isSize(long stated, long expected) {
        return stated == expected || stated == -1;
    }

    /** The network ends in its logits; a softmax behind them is left off. */
    private void softmax(Arguments in) {
        Activations input = in.vectors(0);
        in.requireChannels(in.whole("axis", 1), true);
        alias(in, new Activations(input.node(), true, Extent.of(0), true));
    }

    private void dropout(Arguments in) {
        in.ignore("ratio");
        in.ignore("seed");
        boolean training = in.optional(2).map(OnnxTensor::wholes).stream()
                .anyMatch(truths -> truths.length != 1 || truths[0] != 0);
        if (training) {
            throw in.refused("it is in training mode: export the model in evaluation mode");
        }
        alias(in, in.value(0));
    }

    /**
     * Zeros on opposite sides alike wait for a convolution or an average where nothing else reads them, any other pixels are
     * a layer; zeros among the channels are an index map.
     */
    private void pad(Arguments in) {
        Activations input = in.plainMaps(0);
        ChannelSelection.Pads pads = ChannelSelection.pads(in);
        boolean pixels = !pads.around().isNone();
        if (pads.before() + pads.after() > 0) {
            if (pixels || pads.value() != 0) {
                throw in.refused(
                        pixels ? "it pads channels and pixels at once" : "it pads channels with " + pads.value());
            }
            select(in, ChannelSelection.padded(shape(in).channels(), pads.before(), pads.after()));
            return;
        }
        boolean waits = pads.value() == 0 && in.node().outputs().stream().noneMatch(readOtherwise::contains);
        Extent common = waits ? pads.around().common(Extent.of(Arguments.LARGEST_SIZE)) : Extent.of(0);
        Border rest = pads.around().without(common);
        String source = input.node();
        if (!rest.isNone()) {
            source = names.of(in.node(), "");
            append(in, source, new Layer.Pad(rest.before(), rest.after(), pads.value()), List.of(input), Map.of());
        }
        alias(in, new Activations(source, false, common, false));
    }

    private void select(Arguments in, Layer.IndexMap selection) {
        Activations input = in.plain(0);
        append(in, "", selection, List.of(input), Map.of(), input.flat());
    }

    private void constant(Arguments in) {
        alias(in, new Constant(in.tensor("value").orElseThrow(() -> in.refused("expected a tensor as its value"))));
    }

    /**
     * Appends the layer that a node is.
     *
     * @param weight the name of its first weight, or empty
     * @return the layer's name
     */
    private String append(
            Arguments in,
            String weight,
            Layer layer,
            List<Activations> inputs,
            Map<String, HostTensor> weights,
            boolean flat) {
        if (inputs.stream().anyMatch(i -> i.flat() != inputs.get(0).flat())) {
            throw in.refused("it reads vectors and maps of pixels: expected one of them");
        }
        String name = names.of(in.node(), weight);
        append(in, name, layer, inputs, weights);
        alias(in, new Activations(name, flat));
        return name;
    }

    private void append(
            Arguments in, String name, Layer layer, List<Activations> inputs, Map<String, HostTensor> weights) {
        try {
            graph.add(name, layer, inputs.stream().map(Activations::node).toList(), weights);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(in.node().text() + ": " + e.getMessage(), e);
        }
    }

    /** Lets a node's first output stand for a value; nothing may read another one. */
    private void alias(Arguments in, Value value) {
        List<String> outputs = in.node().outputs();
        if (outputs.isEmpty() || outputs.stream().skip(1).anyMatch(readers::containsKey)) {
            throw in.refused("expected that only its first output is read");
        }
        if (values.put(outputs.get(0), value) != null) {
            throw in.refused("its output is made twice");
        }
    }

    /** The shape of the first input. */
    private Shape shape(Arguments in) {
        return graph.shape(in.plain(0).node());
    }

    private HostTensor weight(Arguments in, int input, int dimensions) {
        OnnxTensor tensor = in.constant(input);
        if (tensor.dimensions().size() != dimensions || tensor.elements() == 0) {
            throw in.refused("its weight has shape " + tensor.dimensions() + ": expected " + dimensions
                    + " sizes of at least 1");
        }
        return graph.weight(tensor);
    }

    private static HostTensor reshaped(HostTensor tensor, int... shape) {
        return new HostTensor(shape, tensor.data());
    }

    private static HostTensor transposed(HostTensor matrix) {
        int rows = matrix.shape()[0];
        int columns = matrix.shape()[1];
        float[] data = new float[matrix.data().length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                data[column * rows + row] = matrix.data()[row * columns + column];
            }
        }
        return new HostTensor(new int[] {columns, rows}, data);
    }
}
