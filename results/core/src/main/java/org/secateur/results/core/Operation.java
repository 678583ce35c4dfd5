package org.secateur.results.core;

import java.util.List;

/**
 * One operation of a network's step with its full shape, in cuDNN's letters: n images, c input channels
 * of h x w pixels, k output channels, an r x s kernel. Every size is at least 1.
 *
 * <p>{@link #macs()} counts multiply-accumulates of one pass over the whole batch; only convolution and
 * linear have any.
 */
public sealed interface Operation {

    /** Multiply-accumulates of one pass over the whole batch. */
    default long macs() {
        return 0;
    }

    /** The passes that a training step makes through this operation, in order. */
    default List<Pass> passes(boolean inputNeedsGradient) {
        return inputNeedsGradient ? List.of(Pass.FORWARD, Pass.BACKWARD) : List.of(Pass.FORWARD);
    }

    /** Whether {@code pass} exists for this operation. */
    default boolean has(Pass pass) {
        return passes(true).contains(pass);
    }

    /** Elements read and written by one pass when each tensor moves once; what a roofline divides by bandwidth. */
    long elementsMoved();

    /** A two-dimensional convolution (cross-correlation). Channels c and k are totals over all groups. */
    record Convolution(
            int n, int c, int h, int w, int k, int r, int s, Extent stride, Extent padding, Extent dilation, int groups)
            implements Operation {
        public Convolution {
            requirePositive("convolution", n, c, h, w, k, r, s, groups, stride.height(), stride.width());
            requirePositive("convolution dilation", dilation.height(), dilation.width());
            if (c % groups != 0 || k % groups != 0) {
                throw new IllegalArgumentException(
                        "convolution c=" + c + " k=" + k + ": both must be divisible by groups=" + groups);
            }
            if (outputSize(h, r, stride.height(), padding.height(), dilation.height()) < 1
                    || outputSize(w, s, stride.width(), padding.width(), dilation.width()) < 1) {
                throw new IllegalArgumentException("convolution input " + h + "x" + w + " is smaller than its kernel "
                        + r + "x" + s + " with padding " + padding.text());
            }
        }

        /** The same of another batch and of other input and output channels, which {@code groups} must divide. */
        public Convolution with(int batch, int inputChannels, int outputChannels) {
            return new Convolution(batch, inputChannels, h, w, outputChannels, r, s, stride, padding, dilation, groups);
        }

        /** Output height. */
        public int outputHeight() {
            return outputSize(h, r, stride.height(), padding.height(), dilation.height());
        }

        /** Output width. */
        public int outputWidth() {
            return outputSize(w, s, stride.width(), padding.width(), dilation.width());
        }

        @Override
        public long macs() {
            return (long) n * k * outputHeight() * outputWidth() * (c / groups) * r * s;
        }

        @Override
        public List<Pass> passes(boolean inputNeedsGradient) {
            return splitPasses(inputNeedsGradient);
        }

        @Override
        public long elementsMoved() {
            return (long) n * c * h * w
                    + (long) n * k * outputHeight() * outputWidth()
                    + (long) k * (c / groups) * r * s;
        }
    }

    /** A fully connected layer, {@code in} features to {@code out}. */
    record Linear(int n, int in, int out) implements Operation {
        public Linear {
            requirePositive("linear", n, in, out);
        }

        @Override
        public long macs() {
            return (long) n * in * out;
        }

        @Override
        public List<Pass> passes(boolean inputNeedsGradient) {
            return splitPasses(inputNeedsGradient);
        }

        @Override
        public long elementsMoved() {
            return (long) n * in + (long) n * out + (long) in * out;
        }
    }

    /** Batch normalisation over n, h and w; in training with the batch's statistics, else with stored ones. */
    record BatchNorm(int n, int c, int h, int w, boolean training) implements Operation {
        public BatchNorm {
            requirePositive("batch norm", n, c, h, w);
        }

        @Override
        public long elementsMoved() {
            return 2L * n * c * h * w;
        }
    }

    /** An elementwise non-linearity. */
    record Activation(int n, int c, int h, int w, ActivationKind kind) implements Operation {
        public Activation {
            requirePositive("activation", n, c, h, w);
        }

        @Override
        public long elementsMoved() {
            return 2L * n * c * h * w;
        }
    }

    /** The non-linearities. */
    enum ActivationKind {
        /** max(x, 0). */
        RELU,
        /** min(max(x, 0), 6). */
        RELU6
    }

    /**
     * Pooling with a window; padding counts as zero weight in averages.
     *
     * @param ceil whether a last window that reaches over the edge counts, as PyTorch's {@code ceil_mode}; always false
     *     where that makes no difference, so that equal work has one name
     */
    record Pooling(
            int n, int c, int h, int w, PoolingKind kind, Extent window, Extent stride, Extent padding, boolean ceil)
            implements Operation {
        public Pooling {
            requirePositive("pooling", n, c, h, w, window.height(), window.width(), stride.height(), stride.width());
            ceil = ceil
                    && (poolSize(h, window.height(), stride.height(), padding.height(), true)
                                    > poolSize(h, window.height(), stride.height(), padding.height(), false)
                            || poolSize(w, window.width(), stride.width(), padding.width(), true)
                                    > poolSize(w, window.width(), stride.width(), padding.width(), false));
            if (poolSize(h, window.height(), stride.height(), padding.height(), ceil) < 1
                    || poolSize(w, window.width(), stride.width(), padding.width(), ceil) < 1) {
                throw new IllegalArgumentException(
                        "pooling input " + h + "x" + w + " is smaller than its window " + window.text());
            }
        }

        /** Output height. */
        public int outputHeight() {
            return poolSize(h, window.height(), stride.height(), padding.height(), ceil);
        }

        /** Output width. */
        public int outputWidth() {
            return poolSize(w, window.width(), stride.width(), padding.width(), ceil);
        }

        @Override
        public long elementsMoved() {
            return (long) n * c * (h * w + outputHeight() * outputWidth());
        }
    }

    /** The kinds of pooling. */
    enum PoolingKind {
        MAX,
        AVERAGE
    }

    /** The sum of a tensor with another, with one constant per channel, or with one constant per channel and pixel. */
    record Add(int n, int c, int h, int w, Operand operand) implements Operation {
        public Add {
            requirePositive("add", n, c, h, w);
        }

        @Override
        public long elementsMoved() {
            return (operand == Operand.TENSOR ? 3L : 2L) * n * c * h * w;
        }
    }

    /** What {@link Add} adds. */
    enum Operand {
        TENSOR,
        CHANNEL,
        MAP
    }

    /** The concatenation of tensors along the channels. */
    record Concat(int n, List<Integer> channels, int h, int w) implements Operation {
        public Concat {
            channels = List.copyOf(channels);
            requirePositive("concat", n, h, w);
            channels.forEach(c -> requirePositive("concat channels", c));
        }

        @Override
        public long elementsMoved() {
            return 2L
                    * n
                    * h
                    * w
                    * channels.stream().mapToInt(Integer::intValue).sum();
        }
    }

    /**
     * A selection of channels and pixels: k output channels, {@code mapped} of which copy one of c input
     * channels and the others are zero; every {@code stride}-th pixel is taken. Option-A shortcuts (He et al. 2016)
     * and channel gating are such maps.
     */
    record IndexMap(int n, int c, int h, int w, int k, int mapped, Extent stride) implements Operation {
        public IndexMap {
            requirePositive("index map", n, c, h, w, k, stride.height(), stride.width());
            if (mapped < 0 || mapped > k) {
                throw new IllegalArgumentException("index map mapped=" + mapped + ": expected 0.." + k);
            }
        }

        /** Output height. */
        public int outputHeight() {
            return (h - 1) / stride.height() + 1;
        }

        /** Output width. */
        public int outputWidth() {
            return (w - 1) / stride.width() + 1;
        }

        @Override
        public long elementsMoved() {
            return (long) n * (mapped + k) * outputHeight() * outputWidth();
        }
    }

    /** Softmax and cross-entropy, averaged over the batch. */
    record SoftmaxLoss(int n, int classes) implements Operation {
        public SoftmaxLoss {
            requirePositive("softmax loss", n, classes);
        }

        @Override
        public long elementsMoved() {
            return 2L * n * classes;
        }
    }

    /** One step of SGD with momentum and weight decay over all parameters of a network. */
    record OptimizerStep(long parameters, int tensors) implements Operation {
        public OptimizerStep {
            if (parameters < 1 || tensors < 1) {
                throw new IllegalArgumentException("optimizer step parameters=" + parameters + " tensors=" + tensors
                        + ": both must be at least 1");
            }
        }

        @Override
        public List<Pass> passes(boolean inputNeedsGradient) {
            return List.of(Pass.UPDATE);
        }

        @Override
        public long elementsMoved() {
            return 5 * parameters;
        }
    }

    private static List<Pass> splitPasses(boolean inputNeedsGradient) {
        return inputNeedsGradient
                ? List.of(Pass.FORWARD, Pass.BACKWARD_DATA, Pass.BACKWARD_WEIGHTS)
                : List.of(Pass.FORWARD, Pass.BACKWARD_WEIGHTS);
    }

    /** How many positions a window has along an axis; 0 where it does not fit. */
    static int outputSize(int size, int window, int stride, int padding, int dilation) {
        int span = size + 2 * padding - dilation * (window - 1) - 1;
        return span < 0 ? 0 : span / stride + 1;
    }

    /**
     * The same of a pool.
     *
     * @param ceil whether a last window counts that reaches over the edge but begins on a pixel or on the leading padding
     */
    static int poolSize(int size, int window, int stride, int padding, boolean ceil) {
        if (!ceil) {
            return outputSize(size, window, stride, padding, 1);
        }
        int windows = Math.ceilDiv(size + 2 * padding - window, stride) + 1;
        return Math.max(0, (windows - 1) * stride < size + padding ? windows : windows - 1);
    }

    private static void requirePositive(String what, int... sizes) {
        for (int size : sizes) {
            if (size < 1) {
                throw new IllegalArgumentException(what + ": size " + size + " must be at least 1");
            }
        }
    }
}
