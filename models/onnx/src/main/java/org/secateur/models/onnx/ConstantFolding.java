package org.secateur.models.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongBinaryOperator;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.onnx.Value.Activations;

/**
 * Computes what exporters leave to be computed of constants: pads and shapes, which are a few integers, and the weight of
 * a product. PyTorch's older exporter writes the pads of a network so, a dozen nodes for each.
 */
final class ConstantFolding {
    /** What stands for the batch in the shape of activations: in a Reshape it means the size that is there. */
    static final long BATCH = 0;

    private static final int MOST_VALUES = 64;
    private static final Set<String> OPERATORS = Set.of(
            "ConstantOfShape",
            "Cast",
            "Unsqueeze",
            "Shape",
            "Concat",
            "Gather",
            "Add",
            "Mul",
            "Sub",
            "Reshape",
            "Slice",
            "Transpose");

    private final Arguments in;

    private ConstantFolding(Arguments in) {
        this.in = in;
    }

    /** Whether a node computes constants, so that {@link #folded} is its value. */
    static boolean applies(Arguments in) {
        return OPERATORS.contains(in.node().operator()) && in.inputs() > 0 && in.allConstant();
    }

    /** The value of a node whose inputs are all constants. */
    static OnnxTensor folded(Arguments in) {
        return new ConstantFolding(in).fold();
    }

    /** The shape of what a layer gives, the batch as {@link #BATCH}. */
    static OnnxTensor shape(Activations activations, Shape shape) {
        return activations.flat()
                ? vector(BATCH, shape.elements())
                : vector(BATCH, shape.channels(), shape.height(), shape.width());
    }

    private OnnxTensor fold() {
        return switch (in.node().operator()) {
            case "ConstantOfShape" -> filled();
            case "Cast" -> {
                in.requireWhole("to", Fields.ElementType.INT64);
                yield OnnxTensor.of(dimensions(0), wholes(0));
            }
            case "Unsqueeze" -> unsqueezed();
            case "Shape" ->
                vector(dimensions(0).stream().mapToLong(Long::longValue).toArray());
            case "Concat" -> joined();
            case "Gather" -> chosen();
            case "Add" -> combined(Long::sum);
            case "Sub" -> combined((a, b) -> a - b);
            case "Mul" -> combined((a, b) -> a * b);
            case "Reshape" -> reshaped();
            case "Slice" -> sliced();
            case "Transpose" -> transposed();
            default -> throw in.refused("it is not computed of constants");
        };
    }

    private OnnxTensor filled() {
        long value = in.tensor("value").map(this::single).orElse(0L);
        long[] shape = wholes(0);
        long size = 1;
        for (long each : shape) {
            if (each < 0 || each > MOST_VALUES || size * each > MOST_VALUES) {
                throw in.refused("its shape is " + Arrays.toString(shape) + ": expected at most " + MOST_VALUES
                        + " numbers in all");
            }
            size *= each;
        }
        long[] values = new long[(int) size];
        Arrays.fill(values, value);
        return OnnxTensor.of(list(shape), values);
    }

    private OnnxTensor unsqueezed() {
        long[] axes = in.inputs() > 1
                ? wholes(1)
                : in.wholes("axes").orElse(List.of()).stream()
                        .mapToLong(Long::longValue)
                        .toArray();
        List<Long> dimensions = new ArrayList<>(dimensions(0));
        int rank = dimensions.size() + axes.length;
        int[] places = Arrays.stream(axes)
                .mapToInt(axis -> in.axis(axis, rank))
                .sorted()
                .toArray();
        for (int place : places) {
            if (place > dimensions.size()) {
                throw in.refused("its axes are " + Arrays.toString(axes) + ", of which one is named twice");
            }
            dimensions.add(place, 1L);
        }
        return OnnxTensor.of(dimensions, wholes(0));
    }

    private OnnxTensor joined() {
        long[] all = new long[0];
        for (int i = 0; i < in.inputs(); i++) {
            requireVector(i);
            long[] more = wholes(i);
            if (all.length + more.length > MOST_VALUES) {
                throw in.refused("it joins more than " + MOST_VALUES + " numbers");
            }
            all = Arrays.copyOf(all, all.length + more.length);
            System.arraycopy(more, 0, all, all.length - more.length, more.length);
        }
        in.axis(in.whole("axis", Long.MAX_VALUE), 1);
        return vector(all);
    }

    private OnnxTensor chosen() {
        requireVector(0);
        in.axis(in.whole("axis", 0), 1);
        long[] values = wholes(0);
        long[] chosen = Arrays.stream(wholes(1))
                .map(index -> values[in.axis(index, values.length)])
                .toArray();
        return OnnxTensor.of(dimensions(1), chosen);
    }

    /** Two of the same size, or one number with each of the others. */
    private OnnxTensor combined(LongBinaryOperator operator) {
        long[] a = wholes(0);
        long[] b = wholes(1);
        int size = a.length == 1 ? b.length : a.length;
        if ((b.length != 1 && b.length != size) || size == 0) {
            throw in.refused("it combines " + a.length + " with " + b.length + " numbers");
        }
        long[] values = new long[size];
        for (int i = 0; i < size; i++) {
            values[i] = operator.applyAsLong(a[a.length == 1 ? 0 : i], b[b.length == 1 ? 0 : i]);
        }
        boolean first = a.length > b.length
                || (a.length == b.length
                        && dimensions(0).size() >= dimensions(1).size());
        return OnnxTensor.of(dimensions(first ? 0 : 1), values);
    }

    private OnnxTensor reshaped() {
        in.requireWhole("allowzero", 0);
        long[] values = wholes(0);
        long[] shape = wholes(1);
        long known = Arrays.stream(shape).filter(size -> size != -1).reduce(1, (a, b) -> a * b);
        boolean inferred = Arrays.stream(shape).filter(size -> size == -1).count() == 1;
        if (known < 1 || (inferred ? values.length % known != 0 : values.length != known)) {
            throw in.refused("it reshapes " + values.length + " numbers to " + Arrays.toString(shape));
        }
        long rest = values.length / known;
        return OnnxTensor.of(
                list(Arrays.stream(shape).map(size -> size == -1 ? rest : size).toArray()), values);
    }

    /** Along the first axis, forward or backward. */
    private OnnxTensor sliced() {
        long[] values = wholes(0);
        List<Long> dimensions = dimensions(0);
        if (dimensions.isEmpty() || values.length == 0) {
            throw in.refused("there is nothing to slice");
        }
        int rows = Math.toIntExact(dimensions.get(0));
        int width = values.length / rows;
        in.axis(one(3, 0), 1);
        long step = one(4, 1);
        if (step == 0 || Math.abs(step) > MOST_VALUES) {
            throw in.refused("its step is " + step);
        }
        long last = step > 0 ? rows : rows - 1;
        long first = Math.max(0, Math.min(last, fromFront(one(1, 0), rows)));
        long end = Math.max(step > 0 ? 0 : -1, Math.min(last, fromFront(one(2, 0), rows)));
        long[] taken = new long[values.length];
        int count = 0;
        for (long row = first; step > 0 ? row < end : row > end; row += step) {
            System.arraycopy(values, (int) row * width, taken, count * width, width);
            count++;
        }
        List<Long> sliced = new ArrayList<>(dimensions);
        sliced.set(0, (long) count);
        return OnnxTensor.of(sliced, Arrays.copyOf(taken, count * width));
    }

    private static long fromFront(long index, int size) {
        return index < 0 ? index + size : index;
    }

    private OnnxTensor transposed() {
        OnnxTensor tensor = in.constant(0);
        boolean swapped = in.wholes("perm").orElse(List.of(1L, 0L)).equals(List.of(1L, 0L));
        if (tensor.dimensions().size() != 2 || !swapped) {
            throw in.refused("expected a matrix");
        }
        return tensor.transposed();
    }

    private long one(int input, long otherwise) {
        Optional<OnnxTensor> tensor = in.optional(input);
        return tensor.isEmpty() ? otherwise : single(tensor.get());
    }

    private long single(OnnxTensor tensor) {
        long[] values = few(tensor);
        if (values.length != 1) {
            throw in.refused("it has " + values.length + " numbers where one is expected");
        }
        return values[0];
    }

    private List<Long> dimensions(int input) {
        return in.constant(input).dimensions();
    }

    private void requireVector(int input) {
        if (dimensions(input).size() != 1) {
            throw in.refused("its input " + input + " has shape " + dimensions(input) + ": expected a list");
        }
    }

    private long[] wholes(int input) {
        return few(in.constant(input));
    }

    private long[] few(OnnxTensor tensor) {
        if (tensor.elements() > MOST_VALUES) {
            throw in.refused("it computes with " + tensor.elements() + " constants: expected at most " + MOST_VALUES);
        }
        return tensor.wholes();
    }

    private static OnnxTensor vector(long... values) {
        return OnnxTensor.of(List.of((long) values.length), values);
    }

    private static List<Long> list(long[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
