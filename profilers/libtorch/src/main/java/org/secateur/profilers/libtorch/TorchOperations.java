package org.secateur.profilers.libtorch;

import static org.bytedeco.pytorch.global.torch.avg_pool2d;
import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.max_pool2d;

import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;

/**
 * The operations that training executes, in the one form in which the kernels of this module measure them. Tensors are
 * {@code [n, channels, height, width]} unless stated; autograd records whatever the thread's grad mode says. Results
 * belong to the innermost open pointer scope. Used by one thread at a time per tensor.
 */
public final class TorchOperations {
    private TorchOperations() {}

    /**
     * A convolution (cross-correlation) of x with w {@code [outputs, channels / groups, r, s]} and an optional bias
     * {@code [outputs]}.
     */
    public static Tensor convolution(
            Tensor x, Tensor w, @Nullable Tensor bias, Extent stride, Extent padding, Extent dilation, int groups) {
        return conv2d(x, w, optional(bias), longs(stride), longs(padding), longs(dilation), groups);
    }

    /**
     * Batch normalisation with the batch's statistics, which also move the running ones (in place).
     *
     * @param momentum the weight of the batch in the running statistics
     */
    public static Tensor batchNormTraining(
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Tensor runningMean,
            Tensor runningVariance,
            double momentum,
            double epsilon) {
        return batchNorm(x, gamma, beta, runningMean, runningVariance, true, momentum, epsilon);
    }

    /** Batch normalisation with the running statistics. */
    public static Tensor batchNormInference(
            Tensor x, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon) {
        return batchNorm(x, gamma, beta, runningMean, runningVariance, false, 0, epsilon);
    }

    private static Tensor batchNorm(
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Tensor runningMean,
            Tensor runningVariance,
            boolean training,
            double momentum,
            double epsilon) {
        return batch_norm(
                x,
                optional(gamma),
                optional(beta),
                optional(runningMean),
                optional(runningVariance),
                training,
                momentum,
                epsilon,
                false);
    }

    /** The non-linearity of x into a new tensor. */
    public static Tensor activation(Tensor x, ActivationKind kind) {
        return kind.equals(ActivationKind.RELU)
                ? torch.relu(x)
                : torch.hardtanh(x, new Scalar((float) kind.least()), new Scalar((float) kind.most()));
    }

    /**
     * The non-linearity of x in the memory of x, which must have no other reader and be no leaf: what kernels measure.
     */
    public static Tensor activationInPlace(Tensor x, ActivationKind kind) {
        return kind.equals(ActivationKind.RELU)
                ? torch.relu_(x)
                : torch.hardtanh_(x, new Scalar((float) kind.least()), new Scalar((float) kind.most()));
    }

    /**
     * The largest value of each window; padding never wins.
     *
     * @param ceil whether a last window that reaches over the edge counts
     */
    public static Tensor maxPool(
            Tensor x, Extent window, Extent stride, Extent padding, Extent dilation, boolean ceil) {
        return max_pool2d(x, longs(window), longs(stride), longs(padding), longs(dilation), ceil);
    }

    /**
     * The mean of each window; a window that is the image is a global one.
     *
     * @param ceil whether a last window that reaches over the edge counts
     * @param padded whether padding is counted, as zeros
     */
    public static Tensor averagePool(
            Tensor x, Extent window, Extent stride, Extent padding, boolean ceil, boolean padded) {
        if (isGlobal(x.size(2), x.size(3), window, padding)) {
            return globalAveragePool(x);
        }
        return avg_pool2d(x, longs(window), longs(stride), longs(padding), ceil, padded, new LongOptional());
    }

    /** x with pixels of one value around it: {@code before} above and left, {@code after} below and right. */
    public static Tensor pad(Tensor x, Extent before, Extent after, double value) {
        long[] pads = {before.width(), after.width(), before.height(), after.height()};
        return constant_pad_nd(x, pads, new Scalar(value));
    }

    static boolean isGlobal(long height, long width, Extent window, Extent padding) {
        return window.height() == height && window.width() == width && padding.height() == 0 && padding.width() == 0;
    }

    /** The mean of each channel over all pixels, {@code [n, channels, 1, 1]}. */
    public static Tensor globalAveragePool(Tensor x) {
        return torch.mean(x, new long[] {2, 3}, true, new ScalarTypeOptional());
    }

    /** x {@code [n, in]} times the transpose of w {@code [out, in]}, plus a bias {@code [out]}. */
    public static Tensor linear(Tensor x, Tensor w, @Nullable Tensor bias) {
        return torch.linear(x, w, optional(bias));
    }

    /** x + y into a new tensor. */
    public static Tensor add(Tensor x, Tensor y) {
        return torch.add(x, y);
    }

    /** x + y in the memory of x, which must have no other reader and be no leaf: what kernels measure. */
    public static Tensor addInPlace(Tensor x, Tensor y) {
        return x.add_(y);
    }

    /** x plus constants: {@code [channels]}, or {@code [channels, height, width]}, in the memory of x. */
    public static Tensor shiftInPlace(Tensor x, Tensor constants) {
        return x.add_(broadcastable(constants));
    }

    /** The same into a new tensor. */
    public static Tensor shift(Tensor x, Tensor constants) {
        return torch.add(x, broadcastable(constants));
    }

    private static Tensor broadcastable(Tensor constants) {
        return switch ((int) constants.dim()) {
            case 1 -> constants.view(-1, 1, 1);
            case 3 -> constants;
            default ->
                throw new IllegalArgumentException(
                        "shift constants with " + constants.dim() + " dimensions: expected 1 or 3");
        };
    }

    /**
     * The channels of a map, every {@code stride}-th pixel: option-A shortcuts and channel gating. The result lies in memory
     * as x does.
     */
    public static Tensor indexMap(Tensor x, ChannelMap map, Extent stride) {
        // Slices, selections and their gradients are contiguous: channels that are last in memory go last in the shape.
        return x.suggest_memory_format().intern() == MemoryFormat.ChannelsLast
                ? indexMap(x.permute(0, 2, 3, 1), map, stride, 3, 1).permute(0, 3, 1, 2)
                : indexMap(x, map, stride, 1, 2);
    }

    /** The same where dimension {@code channels} is that of the channels, and height and width are the two from {@code height}. */
    private static Tensor indexMap(Tensor x, ChannelMap map, Extent stride, int channels, int height) {
        Tensor pixels = everyNth(everyNth(x, height, stride.height()), height + 1, stride.width());
        if (map.contiguous()) {
            Tensor run = map.mapped() == map.channels()
                    ? pixels
                    : torch.narrow(pixels, channels, map.firstSource(), map.mapped());
            int behind = map.outputs() - map.firstOutput() - map.mapped();
            return padded(run, channels, map.firstOutput(), behind);
        }
        Tensor withZeros = map.mapped() == map.outputs() ? pixels : padded(pixels, channels, 0, 1);
        return torch.index_select(withZeros, channels, map.index());
    }

    private static Tensor padded(Tensor x, int dimension, int before, int behind) {
        long[] both = new long[2 * (4 - dimension)]; // of the last dimension first
        both[both.length - 2] = before;
        both[both.length - 1] = behind;
        return constant_pad_nd(x, both);
    }

    private static Tensor everyNth(Tensor x, int dimension, int step) {
        return step == 1 ? x : torch.slice(x, dimension, new LongOptional(), new LongOptional(), step);
    }

    /** The tensors one after the other along the channels. */
    public static Tensor concat(List<Tensor> tensors) {
        return cat(new TensorVector(tensors.toArray(Tensor[]::new)), 1);
    }

    /** {@code [n, everything else]}, without a copy where the memory allows. */
    public static Tensor flatten(Tensor x) {
        return x.flatten(1, -1);
    }

    /**
     * Softmax and cross-entropy of logits {@code [n, classes]} against labels {@code [n]} (64-bit), averaged over the
     * batch: a scalar.
     */
    public static Tensor crossEntropy(Tensor logits, Tensor labels) {
        return cross_entropy_loss(logits, labels);
    }

    /** x in F32: itself, or a copy where autocast made it BF16. */
    public static Tensor single(Tensor x) {
        return x.scalar_type().intern() == ScalarType.Float ? x : x.to(ScalarType.Float);
    }

    static TensorOptional optional(@Nullable Tensor tensor) {
        return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
    }

    static long[] longs(Extent extent) {
        return new long[] {extent.height(), extent.width()};
    }
}
