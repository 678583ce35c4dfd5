package org.secateur.models.libtorch;

import static org.bytedeco.pytorch.global.torch.add_out;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.secateur.models.core.pruning.GroupLassoRule;
import org.secateur.models.core.training.RegularisedWeight;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.Layout;

/**
 * The group lasso over a network's {@link RegularisedWeight}s in libtorch. Its gradient,
 * {@code lambda * w * (1 / norm(output group) + 1 / norm(input group))}, is added to the gradients after backward;
 * autograd never sees the penalty.
 */
final class GroupLasso {
    private static final double EPSILON = GroupLassoRule.SMOOTHING;

    /**
     * One layer's weight as {@code [groups, outputs / groups, channels / groups * width]}, the last in the order of its memory.
     *
     * @param channels input channels of a group
     * @param width weights that one output has for one input channel
     * @param channelsLast whether the weights of all input channels lie side by side, not those of one
     */
    private record Groups(
            Tensor weight,
            Tensor gradient,
            long groups,
            long channels,
            long width,
            boolean channelsLast,
            boolean inputs,
            boolean outputs) {
        /** Squared norms of the output channels plus epsilon, {@code [groups, outputs / groups, 1]}. */
        Tensor outputSquares(Tensor squares) {
            return squares.sum(new long[] {2}, true, new ScalarTypeOptional()).add_(new Scalar(EPSILON));
        }

        /**
         * Squared norms of the input channels plus epsilon, {@code [groups, channels, 1]}, or {@code [groups, 1, channels]}
         * where channels are last.
         */
        Tensor inputSquares(Tensor squares) {
            Tensor perWeight = squares.sum(new long[] {1}, false, new ScalarTypeOptional());
            Tensor apart =
                    channelsLast ? perWeight.view(groups, width, channels) : perWeight.view(groups, channels, width);
            Tensor perChannel =
                    width == 1 ? apart : apart.sum(new long[] {channelsLast ? 1 : 2}, true, new ScalarTypeOptional());
            return perChannel.add_(new Scalar(EPSILON));
        }

        /** One number for each input channel as one for each of its weights, {@code [groups, 1, channels * width]}. */
        private Tensor perWeight(Tensor perChannel) {
            Tensor expanded = channelsLast
                    ? perChannel.expand(groups, width, channels)
                    : perChannel.expand(groups, channels, width);
            return expanded.reshape(groups, 1, channels * width);
        }

        void addGradient(Scalar lambda) {
            Tensor squares = weight.square();
            Tensor output = outputs ? outputSquares(squares).rsqrt_() : null;
            Tensor input = inputs ? perWeight(inputSquares(squares).rsqrt_()) : null;
            if (output != null && input != null) {
                gradient.addcmul_(weight, add_out(squares, output, input), lambda);
            } else if (output != null) {
                gradient.addcmul_(weight, output, lambda);
            } else if (input != null) {
                gradient.addcmul_(weight, input, lambda);
            }
        }

        double value() {
            Tensor squares = weight.square();
            double value = 0;
            if (outputs) {
                value += outputSquares(squares).sqrt_().sum().item_float();
            }
            if (inputs) {
                value += inputSquares(squares).sqrt_().sum().item_float();
            }
            return value;
        }
    }

    private final List<Groups> layers = new ArrayList<>();

    /** The regulariser of a network; its views belong to the innermost open pointer scope. */
    @SuppressWarnings("try") // the scopes only have to be open
    GroupLasso(TorchNetwork torch) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            RegularisedWeight.of(torch.network()).forEach(weight -> layers.add(groups(torch, weight)));
        }
    }

    private static Groups groups(TorchNetwork torch, RegularisedWeight weight) {
        int index = torch.index(weight.name());
        TensorFormat format = torch.format();
        Tensor parameter = torch.parameters().parameter(index).detach();
        long channels = (long) weight.channels() / weight.groups();
        long[] shape = {weight.groups(), weight.outputs() / weight.groups(), channels * weight.width()};
        return new Groups(
                format.inOrderOfMemory(parameter).view(shape),
                format.inOrderOfMemory(torch.parameters().gradient(index)).view(shape),
                weight.groups(),
                channels,
                weight.width(),
                format.layout() == Layout.NHWC && parameter.dim() == 4,
                weight.byInput(),
                weight.byOutput());
    }

    /** Adds lambda times the penalty's gradient to the gradients. */
    @SuppressWarnings("try") // the scopes only have to be open
    void addGradient(double lambda) {
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            Scalar factor = new Scalar(lambda);
            layers.forEach(layer -> layer.addGradient(factor));
        }
    }

    /** The penalty without lambda. */
    @SuppressWarnings("try") // the scopes only have to be open
    double value() {
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            return layers.stream().mapToDouble(Groups::value).sum();
        }
    }
}
