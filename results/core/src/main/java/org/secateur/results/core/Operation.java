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

    /**
     * The non-linearity min(max(x, least), most).
     *
     * @param least below {@code most}; minus infinity where nothing is cut below
     * @param most infinity where nothing is cut above
     */
    record ActivationKind(double least, double most) {
        /** max(x, 0). */
        public static final ActivationKind RELU = new ActivationKind(0, Double.POSITIVE_INFINITY);
        /** min(max(x, 0), 6). */
        public static final ActivationKind RELU6 = new ActivationKind(0, 6);

        private static final String CLIP = "clip:";

        public ActivationKind {
            if (!(least < most)) {
                throw new IllegalArgumentException(
                        "activation between " + least + " and " + most + ": expected the first below the second");
            }
            least += 0.0; // of minus zero zero
            most += 0.0;
        }

        /** The non-linearity of one number. */
        public double of(double x) {
            return Math.min(Math.max(x, least), most);
        }

        /** {@code relu}, {@code relu6}, or {@code clip:-1.0,1.0} with {@code -inf} or {@code inf} for no bound. */
        public String text() {
            return equals(RELU) ? "relu" : equals(RELU6) ? "relu6" : CLIP + bound(least) + "," + bound(most);
        }

        /** Reads {@link #text}. */
        public static ActivationKind parse(String text) {
            if (text.equals("relu")) {
                return RELU;
            }
            if (text.equals("relu6")) {
                return RELU6;
            }
            int comma = text.indexOf(',');
            if (!text.startsWith(CLIP) || comma < 0) {
                throw new IllegalArgumentException(
                        "activation \"" + text + "\": expected relu, relu6 or clip:least,most");
            }
            return new ActivationKind(bound(text.substring(CLIP.length(), comma)), bound(text.substring(comma + 1)));
        }

        private static String bound(double bound) {
            return Double.isInfinite(bound) ? (bound < 0 ? "-inf" : "inf") : Double.toString(bound);
        }

        private static double bound(String text) {
            return switch (text) {
                case "-inf" -> Double.NEGATIVE_INFINITY;
                case "inf" -> Double.POSITIVE_INFINITY;
                default -> Double.parseDouble(text);
            };
        }
    }

    /**
     * Pooling with a window.
     *
     * @param kind a padded average without padding is an average, so that equal work has one name
     * @param ceil whether a last window that reaches over the edge counts, as PyTorch's {@code ceil_mode}; always false
     *     where that makes no difference
     * @param dilation the distance between neighbours within a window; of averages 1
     */
    record Pooling(
            int n,
            int c,
            int h,
            int w,
            PoolingKind kind,
            Extent window,
            Extent stride,
            Extent padding,
            boolean ceil,
            Extent dilation)
            implements Operation {
        public Pooling {
            requirePositive("pooling", n, c, h, w, window.height(), window.width(), stride.height(), stride.width());
            requirePositive("pooling dilation", dilation.height(), dilation.width());
            if (kind != PoolingKind.MAX && !dilation.equals(Extent.of(1))) {
                throw new IllegalArgumentException(
                        "pooling dilation " + dilation.text() + " of an average: expected 1,1");
            }
            if (kind == PoolingKind.PADDED_AVERAGE && padding.equals(Extent.of(0))) {
                kind = PoolingKind.AVERAGE;
            }
            Extent span = span(window, dilation);
            ceil = ceil
                    && (poolSize(h, span.height(), stride.height(), padding.height(), true)
                                    > poolSize(h, span.height(), stride.height(), padding.height(), false)
                            || poolSize(w, span.width(), stride.width(), padding.width(), true)
                                    > poolSize(w, span.width(), stride.width(), padding.width(), false));
            if (poolSize(h, span.height(), stride.height(), padding.height(), ceil) < 1
                    || poolSize(w, span.width(), stride.width(), padding.width(), ceil) < 1) {
                throw new IllegalArgumentException(
                        "pooling input " + h + "x" + w + " is smaller than its window " + span.text());
            }
        }

        /** Pooling with a window of neighbours. */
        public Pooling(
                int n,
                int c,
                int h,
                int w,
                PoolingKind kind,
                Extent window,
                Extent stride,
                Extent padding,
                boolean ceil) {
            this(n, c, h, w, kind, window, stride, padding, ceil, Extent.of(1));
        }

        /** How many pixels a dilated window reaches over. */
        public static Extent span(Extent window, Extent dilation) {
            return new Extent(
                    dilation.height() * (window.height() - 1) + 1, dilation.width() * (window.width() - 1) + 1);
        }

        /** Output height. */
        public int outputHeight() {
            return poolSize(h, span(window, dilation).height(), stride.height(), padding.height(), ceil);
        }

        /** Output width. */
        public int outputWidth() {
            return poolSize(w, span(window, dilation).width(), stride.width(), padding.width(), ceil);
        }

        @Override
        public long elementsMoved() {
            return (long) n * c * (h * w + outputHeight() * outputWidth());
        }
    }

    /** The kinds of pooling. */
    enum PoolingKind {
        /** Padding never wins. */
        MAX,
        /** Over the pixels that are not padding. */
        AVERAGE,
        /** Over all pixels of the window, padding as zeros, as PyTorch's {@code count_include_pad}. */
        PADDED_AVERAGE
    }

    /** Pixels of one value put around an image: {@code before} above and left of it, {@code after} below and right. */
    record Pad(int n, int c, int h, int w, Extent before, Extent after) implements Operation {
        public Pad {
            requirePositive("pad", n, c, h, w);
        }

        /** Output height. */
        public int outputHeight() {
            return before.height() + h + after.height();
        }

        /** Output width. */
        public int outputWidth() {
            return before.width() + w + after.width();
        }

        @Override
        public long elementsMoved() {
            return (long) n * c * (h * w + outputHeight() * outputWidth());
        }
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
