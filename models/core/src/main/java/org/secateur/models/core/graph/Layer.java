package org.secateur.models.core.graph;

import java.util.List;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/** What a node of the network does. Input channels follow from the graph and are never stated twice. */
public sealed interface Layer {

    /**
     * This layer for other widths. An index map is left as it is, since widths do not tell which channels it copies.
     *
     * @param before input features of this layer
     * @param inputs input features of the other one
     * @param outputs its output features, where it makes any
     */
    default Layer resized(int before, int inputs, int outputs) {
        return switch (this) {
            case Convolution l -> {
                int groups = l.depthwise(before) ? inputs : l.groups();
                yield new Convolution(outputs, l.kernel(), l.stride(), l.padding(), l.dilation(), groups, l.bias());
            }
            case Linear l -> new Linear(outputs, l.bias());
            default -> this;
        };
    }

    /** A convolution; weight {@code [outputs, inputs / groups, kernel.height, kernel.width]}, bias {@code [outputs]}. */
    record Convolution(
            int outputs, Extent kernel, Extent stride, Extent padding, Extent dilation, int groups, boolean bias)
            implements Layer {

        /**
         * Whether it convolves each of so many input channels by itself, so that its outputs live and die with them. Of a
         * single channel every convolution is an ordinary one.
         */
        public boolean depthwise(int inputs) {
            return groups > 1 && groups == inputs;
        }
    }

    /**
     * Batch normalisation; weight (gamma), bias (beta), running_mean and running_var, each {@code [channels]}.
     *
     * @param momentum the weight of the newest batch in the running statistics (PyTorch's convention)
     */
    record BatchNorm(double epsilon, double momentum) implements Layer {}

    /** An elementwise non-linearity, between any two bounds. */
    record Activation(ActivationKind kind) implements Layer {}

    /**
     * Pooling with a window.
     *
     * @param padding at most half the window
     * @param ceil whether a last window that reaches over the edge counts, as PyTorch's {@code ceil_mode}
     * @param dilation the distance between neighbours within a window; of averages 1
     */
    record Pooling(PoolingKind kind, Extent window, Extent stride, Extent padding, boolean ceil, Extent dilation)
            implements Layer {
        /** Pooling with a window of neighbours. */
        public Pooling(PoolingKind kind, Extent window, Extent stride, Extent padding, boolean ceil) {
            this(kind, window, stride, padding, ceil, Extent.of(1));
        }

        /** How many pixels a window reaches over. */
        Extent span() {
            return Operation.Pooling.span(window, dilation);
        }
    }

    /**
     * Pixels put around every channel, where the padding of the layer behind it would not do: {@code before} above and
     * left of the image, {@code after} below and right.
     *
     * @param value of these pixels, finite: 0, or {@link #LOWEST} where a maximum is taken
     */
    record Pad(Extent before, Extent after, double value) implements Layer {
        /** No maximum is lower. */
        public static final double LOWEST = -Float.MAX_VALUE;

        public Pad {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("pad with " + value + ": expected a finite number");
            }
        }
    }

    /** The mean of each channel over all pixels. */
    record GlobalAveragePool() implements Layer {}

    /** A tensor to a vector, channel by channel. */
    record Flatten() implements Layer {}

    /** A fully connected layer; weight {@code [outputs, inputs]}, bias {@code [outputs]}. */
    record Linear(int outputs, boolean bias) implements Layer {}

    /** The sum of two tensors of the same shape. */
    record Add() implements Layer {}

    /**
     * The sum of a tensor with stored constants: what a removed branch or channel still emitted. Buffer {@code shift},
     * {@code [channels]} for CHANNEL and {@code [channels, height, width]} for MAP; not trained.
     *
     * @param operand CHANNEL or MAP
     */
    record Shift(Operand operand) implements Layer {
        public Shift {
            if (operand == Operand.TENSOR) {
                throw new IllegalArgumentException("a shift adds constants: expected CHANNEL or MAP");
            }
        }
    }

    /** The concatenation of its inputs along the channels. */
    record Concat() implements Layer {}

    /**
     * A selection of channels and pixels without parameters: output channel j copies input channel {@code sources[j]},
     * or is zero where that is {@link #ZERO}; every {@code stride}-th pixel is taken.
     */
    record IndexMap(List<Integer> sources, Extent stride) implements Layer {
        /** The source of an output channel that is filled with zeros. */
        public static final int ZERO = -1;

        public IndexMap {
            sources = List.copyOf(sources);
            if (sources.isEmpty() || sources.stream().anyMatch(s -> s < ZERO)) {
                throw new IllegalArgumentException(
                        "index map sources " + sources + ": expected channels, or -1 for zero");
            }
        }

        /** How many output channels copy an input channel. */
        public int mapped() {
            return (int) sources.stream().filter(s -> s != ZERO).count();
        }
    }
}
