package org.secateur.models.core.graph;

import java.util.Arrays;

/**
 * A dense row-major float tensor on the host. Not defensive: whoever hands an array over gives it away.
 *
 * @param shape the dimensions, outermost first, each at least 1
 * @param data as many elements as the shape says
 */
@SuppressWarnings("ArrayRecordComponent") // megabytes of weights: owned, not copied; equality by content
public record HostTensor(int[] shape, float[] data) {
    /** More elements than an array holds, few enough that a size more does not exceed a long. */
    private static final long TOO_MANY = 1L << 32;

    public HostTensor {
        long elements = 1;
        for (int size : shape) {
            if (size < 1) {
                throw new IllegalArgumentException(
                        "tensor shape " + Arrays.toString(shape) + ": sizes must be at least 1");
            }
            elements = Math.min(elements * size, TOO_MANY);
        }
        if (elements != data.length) {
            throw new IllegalArgumentException("tensor of shape " + Arrays.toString(shape) + " with " + data.length
                    + " elements: expected " + (elements == TOO_MANY ? "more than an array holds" : elements));
        }
    }

    /** A tensor of zeros. */
    public static HostTensor zeros(int... shape) {
        return filled(0, shape);
    }

    /** A tensor of one value. */
    public static HostTensor filled(float value, int... shape) {
        float[] data =
                new float[Math.toIntExact(Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b))];
        Arrays.fill(data, value);
        return new HostTensor(shape.clone(), data);
    }

    /** The slices {@code indices} along dimension {@code axis}, in that order. */
    public HostTensor select(int axis, int[] indices) {
        int[] selected = shape.clone();
        selected[axis] = indices.length;
        int inner = 1;
        for (int i = axis + 1; i < shape.length; i++) {
            inner *= shape[i];
        }
        int outer = data.length / (shape[axis] * inner);
        float[] result = new float[outer * indices.length * inner];
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < indices.length; i++) {
                System.arraycopy(
                        data, (o * shape[axis] + indices[i]) * inner, result, (o * indices.length + i) * inner, inner);
            }
        }
        return new HostTensor(selected, result);
    }

    /** A copy that shares nothing. */
    public HostTensor copy() {
        return new HostTensor(shape.clone(), data.clone());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostTensor tensor
                && Arrays.equals(shape, tensor.shape)
                && Arrays.equals(data, tensor.data);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shape) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return "HostTensor" + Arrays.toString(shape);
    }
}
