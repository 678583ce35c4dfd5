package org.secateur.models.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.secateur.models.onnx.Fields.ElementType;
import org.secateur.models.onnx.WireReader.Range;

/**
 * A constant of the file. Its values are read only when asked for, and only if as many bytes are there as its shape
 * claims.
 */
final class OnnxTensor {
    /** More than any weight has. */
    private static final int MOST_DIMENSIONS = 8;
    /** More than any network has channels in one place. */
    private static final int MOST_WHOLES = 1 << 20;

    private final String name;
    private final List<Long> dimensions;
    private final int type;
    private final byte[] bytes;
    private final Range range;
    private final boolean packed;

    /**
     * A tensor.
     *
     * @param bytes what holds its values
     * @param range where in it they are
     * @param packed whether they are integers of protobuf's varying length instead of their type's
     */
    OnnxTensor(String name, List<Long> dimensions, int type, byte[] bytes, Range range, boolean packed) {
        this.name = name;
        this.dimensions = List.copyOf(dimensions);
        this.type = type;
        this.bytes = bytes;
        this.range = range;
        this.packed = packed;
        if (dimensions.size() > MOST_DIMENSIONS || dimensions.stream().anyMatch(d -> d < 0 || d > Integer.MAX_VALUE)) {
            throw refused("expected at most " + MOST_DIMENSIONS + " sizes of 0.." + Integer.MAX_VALUE);
        }
    }

    /** Integers that were computed. */
    static OnnxTensor of(List<Long> dimensions, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        Range range = new Range(0, bytes.capacity());
        return new OnnxTensor("", dimensions, ElementType.INT64, bytes.array(), range, false);
    }

    String name() {
        return name;
    }

    List<Long> dimensions() {
        return dimensions;
    }

    /** How many values there are. */
    int elements() {
        long elements = 1;
        for (long size : dimensions) {
            elements = size == 0 ? 0 : elements * size;
            if (elements > Integer.MAX_VALUE) {
                throw refused("it has too many elements");
            }
        }
        return (int) elements;
    }

    /** The values of a tensor of floats, the last dimension running fastest. */
    float[] floats() {
        if (type != ElementType.FLOAT) {
            throw refused("its type is number " + type + " of ONNX: expected 1, float");
        }
        requireBytes(4);
        float[] values = new float[elements()];
        buffer().asFloatBuffer().get(values);
        return values;
    }

    /** A matrix with rows for columns, of floats or of integers. */
    OnnxTensor transposed() {
        int each = type == ElementType.FLOAT ? Float.BYTES : Long.BYTES;
        if (packed || (type != ElementType.FLOAT && type != ElementType.INT64)) {
            throw refused("its type is number " + type + " of ONNX: expected 1, float");
        }
        requireBytes(each);
        int rows = dimensions.get(0).intValue();
        int columns = dimensions.get(1).intValue();
        byte[] swapped = new byte[range.length()];
        int count = elements();
        for (int i = 0; i < count; i++) {
            int target = i % columns * rows + i / columns;
            System.arraycopy(bytes, range.offset() + i * each, swapped, target * each, each);
        }
        List<Long> shape = List.of(dimensions.get(1), dimensions.get(0));
        return new OnnxTensor(name, shape, type, swapped, new Range(0, swapped.length), false);
    }

    /** The values of a tensor of integers or of truths: sizes, axes, channels. */
    long[] wholes() {
        if (elements() > MOST_WHOLES) {
            throw refused("expected at most " + MOST_WHOLES + " integers");
        }
        int size = switch (type) {
            case ElementType.INT64 -> 8;
            case ElementType.INT32 -> 4;
            case ElementType.BOOL -> 1;
            default -> throw refused("its type is number " + type + " of ONNX: expected integers");
        };
        if (packed) {
            return unpacked();
        }
        requireBytes(size);
        long[] values = new long[elements()];
        ByteBuffer buffer = buffer();
        for (int i = 0; i < values.length; i++) {
            values[i] = size == 8 ? buffer.getLong() : size == 4 ? buffer.getInt() : buffer.get();
        }
        return values;
    }

    private long[] unpacked() {
        if (elements() > range.length()) {
            throw refused(range.length() + " bytes cannot hold its values");
        }
        long[] values = new long[elements()];
        int[] count = {0};
        WireReader.numbers(bytes, range).packed(value -> {
            if (count[0] == values.length) {
                throw refused("it has more values than its shape says");
            }
            values[count[0]++] = value;
        });
        if (count[0] < values.length) {
            throw refused("it has " + count[0] + " values");
        }
        return values;
    }

    private void requireBytes(int each) {
        if (packed || (long) each * elements() != range.length()) {
            throw refused("its values take " + (long) each * elements() + " bytes, and there are " + range.length());
        }
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, range.offset(), range.length()).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private IllegalArgumentException refused(String why) {
        String shape = dimensions.size() > MOST_DIMENSIONS ? dimensions.size() + " sizes" : "shape " + dimensions;
        return new IllegalArgumentException("tensor \"" + ModuleNames.shown(name) + "\" of " + shape + ": " + why);
    }
}
