package org.secateur.profilers.libtorch;

import static org.bytedeco.pytorch.global.torch.empty;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Copies between Java arrays (row-major, outermost dimension first) and tensors. A tensor made here belongs to the
 * innermost open {@link PointerScope} of the thread, or else to its caller.
 */
public final class HostTensors {
    private HostTensors() {}

    /** A new float tensor of the given shape with these values. */
    public static Tensor of(float[] values, long... shape) {
        requireElements(values.length, Arrays.stream(shape).reduce(1, (a, b) -> a * b));
        return Tensor.create(values, shape);
    }

    /** A new tensor of class labels, {@code [labels.length]}. */
    public static Tensor labels(int... labels) {
        return Tensor.create(Arrays.stream(labels).asLongStream().toArray(), labels.length);
    }

    /** An uninitialised float tensor, to be filled by {@link #fill}. */
    public static Tensor uninitialised(long... shape) {
        return empty(shape);
    }

    /** Overwrites a float tensor of any strides, on a GPU too; where it is contiguous, by one copy. */
    @SuppressWarnings("try") // the scopes only have to be open
    public static void fill(Tensor tensor, float[] values) {
        requireElements(values.length, tensor.numel());
        requireType(tensor, ScalarType.Float, tensor.numel());
        if (!tensor.is_contiguous() || !tensor.is_cpu()) {
            try (NoGradGuard noGrad = new NoGradGuard();
                    PointerScope scope = new PointerScope()) {
                tensor.copy_(of(values, tensor.shape()));
            }
            return;
        }
        try (FloatPointer data = new FloatPointer(tensor.data_ptr())) {
            data.put(values);
        }
    }

    /** Overwrites a tensor of class labels. */
    public static void fill(Tensor tensor, int[] labels) {
        requireElements(labels.length, tensor.numel());
        requireType(tensor, ScalarType.Long);
        try (LongPointer data = new LongPointer(tensor.data_ptr())) {
            data.put(Arrays.stream(labels).asLongStream().toArray());
        }
    }

    /** The values of a float tensor of any strides; waits for a GPU that computes them. */
    @SuppressWarnings("try") // the scope only has to be open
    public static float[] floats(Tensor tensor) {
        requireType(tensor, ScalarType.Float, tensor.numel());
        float[] values = new float[Math.toIntExact(tensor.numel())];
        try (PointerScope scope = new PointerScope()) {
            new FloatPointer(tensor.contiguous().cpu().data_ptr()).get(values);
        }
        return values;
    }

    /** The shape, outermost first. */
    public static long[] shape(Tensor tensor) {
        return tensor.shape();
    }

    private static void requireElements(long values, long elements) {
        if (values != elements) {
            throw new IllegalArgumentException(values + " values for a tensor of " + elements + " elements");
        }
    }

    private static void requireType(Tensor tensor, ScalarType type) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("the tensor is not contiguous: fill a contiguous one");
        }
        requireType(tensor, type, tensor.numel());
    }

    private static void requireType(Tensor tensor, ScalarType type, long elements) {
        if (tensor.scalar_type().intern() != type) {
            throw new IllegalArgumentException("a tensor of " + elements + " elements is "
                    + tensor.scalar_type().intern() + ": expected " + type);
        }
    }
}
