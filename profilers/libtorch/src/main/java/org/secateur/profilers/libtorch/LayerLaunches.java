package org.secateur.profilers.libtorch;

import static org.bytedeco.pytorch.global.torch.convolution_backward;
import static org.bytedeco.pytorch.global.torch.hardtanh_backward;
import static org.bytedeco.pytorch.global.torch.native_batch_norm;
import static org.bytedeco.pytorch.global.torch.native_batch_norm_backward;
import static org.bytedeco.pytorch.global.torch.threshold_backward;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Pass;

/**
 * Launches of layers with parameters and of activations. Buffers are made in the order of the methods' text. Where activations
 * are BF16, backward passes read the copy of the weights that autocast made for the forward pass, and gradients of parameters
 * are cast to F32 before they are added, as autograd does.
 */
final class LayerLaunches {
    /** PyTorch's defaults; what a network really has does not matter to the cost. */
    private static final double EPSILON = 1e-5;

    private static final double MOMENTUM = 0.1;

    private LayerLaunches() {}

    /** Buffers x, w; backward also the output's gradient; backward-weights also the weights' gradient. No bias. */
    static Launch convolution(Convolution o, Pass pass, Buffers buffers) {
        Tensor x = buffers.input(o.n(), o.c(), o.h(), o.w());
        Tensor w = buffers.leaf(o.k(), o.c() / o.groups(), o.r(), o.s());
        if (pass == Pass.FORWARD) {
            return () ->
                    List.of(TorchOperations.convolution(x, w, null, o.stride(), o.padding(), o.dilation(), o.groups()));
        }
        Tensor dy = buffers.activation(o.n(), o.k(), o.outputHeight(), o.outputWidth());
        Tensor used = buffers.asUsed(w);
        boolean data = pass == Pass.BACKWARD_DATA;
        BoolPointer mask = Launches.mask(data, !data, false);
        LongArrayRefOptional noBias = new LongArrayRefOptional();
        long[] stride = TorchOperations.longs(o.stride());
        long[] padding = TorchOperations.longs(o.padding());
        long[] dilation = TorchOperations.longs(o.dilation());
        if (data) {
            return () -> List.of(convolution_backward(
                            dy, x, used, noBias, stride, padding, dilation, false, new long[] {0, 0}, o.groups(), mask)
                    .get0());
        }
        Tensor sum = buffers.accumulator(o.k(), o.c() / o.groups(), o.r(), o.s());
        UnaryOperator<Tensor> single = buffers.toSingle();
        return () -> {
            Tensor dw = single.apply(convolution_backward(
                            dy, x, used, noBias, stride, padding, dilation, false, new long[] {0, 0}, o.groups(), mask)
                    .get1());
            sum.add_(dw);
            return List.of(dw);
        };
    }

    /** Buffers x, w, bias; backward also the output's gradient; backward-weights also both gradients. */
    static Launch linear(Linear o, Pass pass, Buffers buffers) {
        Tensor x = buffers.input(o.n(), o.in());
        Tensor w = buffers.leaf(o.out(), o.in());
        Tensor bias = buffers.leaf(o.out());
        if (pass == Pass.FORWARD) {
            return () -> List.of(TorchOperations.linear(x, w, bias));
        }
        Tensor dy = buffers.activation(o.n(), o.out());
        if (pass == Pass.BACKWARD_DATA) {
            Tensor used = buffers.asUsed(w);
            return () -> List.of(dy.mm(used));
        }
        Tensor weightSum = buffers.accumulator(o.out(), o.in());
        Tensor biasSum = buffers.accumulator(o.out());
        UnaryOperator<Tensor> single = buffers.toSingle();
        return () -> {
            Tensor dw = single.apply(dy.t().mm(x));
            Tensor db = single.apply(dy.sum(0));
            weightSum.add_(dw);
            biasSum.add_(db);
            return List.of(dw, db);
        };
    }

    /** Buffers x, gamma, beta, running mean, running variance; backward also the output's gradient, then sums. */
    static Launch batchNorm(BatchNorm o, Pass pass, Buffers buffers) {
        Tensor x = buffers.input(o.n(), o.c(), o.h(), o.w());
        Tensor gamma = buffers.leaf(o.c());
        Tensor beta = buffers.leaf(o.c());
        Tensor mean = buffers.normal(o.c());
        Tensor variance = buffers.variances(o.c());
        if (pass == Pass.FORWARD) {
            return o.training()
                    ? () -> List.of(
                            TorchOperations.batchNormTraining(x, gamma, beta, mean, variance, MOMENTUM, EPSILON))
                    : () -> List.of(TorchOperations.batchNormInference(x, gamma, beta, mean, variance, EPSILON));
        }
        Tensor dy = buffers.activation(o.n(), o.c(), o.h(), o.w());
        Tensor gammaSum = buffers.accumulator(o.c());
        Tensor betaSum = buffers.accumulator(o.c());
        TensorOptional weight = new TensorOptional(gamma);
        TensorOptional runningMean = new TensorOptional(mean);
        TensorOptional runningVariance = new TensorOptional(variance);
        T_TensorTensorTensor_T forward = native_batch_norm(
                x, weight, new TensorOptional(beta), runningMean, runningVariance, o.training(), MOMENTUM, EPSILON);
        TensorOptional savedMean = new TensorOptional(forward.get1());
        TensorOptional savedDeviation = new TensorOptional(forward.get2());
        // The output is as large as x and not needed any more.
        forward.close();
        BoolPointer mask = Launches.mask(true, true, true);
        return () -> {
            T_TensorTensorTensor_T gradients = native_batch_norm_backward(
                    dy,
                    x,
                    weight,
                    runningMean,
                    runningVariance,
                    savedMean,
                    savedDeviation,
                    o.training(),
                    EPSILON,
                    mask);
            gammaSum.add_(gradients.get1());
            betaSum.add_(gradients.get2());
            return List.of(gradients.get0(), gradients.get1(), gradients.get2());
        };
    }

    /** Buffers x (forward, in place), or the output and its gradient (backward). */
    static Launch activation(Activation o, Pass pass, Buffers buffers) {
        Tensor x = buffers.activation(o.n(), o.c(), o.h(), o.w());
        if (pass == Pass.FORWARD) {
            return () -> List.of(TorchOperations.activationInPlace(x, o.kind()));
        }
        Tensor dy = buffers.activation(o.n(), o.c(), o.h(), o.w());
        TorchOperations.activationInPlace(x, o.kind());
        Scalar least = new Scalar((float) o.kind().least());
        Scalar most = new Scalar((float) o.kind().most());
        return o.kind().equals(ActivationKind.RELU)
                ? () -> List.of(threshold_backward(dy, x, least))
                : () -> List.of(hardtanh_backward(dy, x, least, most));
    }
}
