package org.secateur.models.libtorch;

import static org.bytedeco.pytorch.global.torch.batch_norm_update_stats;
import static org.bytedeco.pytorch.global.torch.native_batch_norm_backward;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.profilers.libtorch.TorchOperations;

/**
 * Batch norm with the statistics of a batch whose images are shared out among processes, forward and backward (as PyTorch's
 * SyncBatchNorm, which exists on GPUs only). Forward, each process tells the number of its pixels with their means and variances, which
 * all merge alike (Chan, Golub and LeVeque 1983); the output is that of batch norm with given statistics. Backward, the two
 * sums of Ioffe and Szegedy 2015, section 3, are added up over the processes and taken from the output's gradient before that
 * goes on. The gradients of scale and shift stay each process's part, like those of all other parameters.
 *
 * <p>Backward passes go through layers in the opposite order of the forward pass, since autograd takes the latest node that
 * is ready. Used by one thread; whoever makes it closes it.
 */
final class SharedBatchNorm implements TorchNetwork.BatchNorm, AutoCloseable {
    private final ProcessGroup group;
    private final Deque<Applied> applied = new ArrayDeque<>();
    private final Hook hook;
    private @Nullable RuntimeException failure;
    private @Nullable Tensor returned;

    SharedBatchNorm(ProcessGroup group) {
        this.group = group;
        hook = new Hook();
        hook.retainReference(); // it outlives the pointer scope in which it happens to be made
    }

    /** What the backward pass needs of a layer. */
    private record Applied(
            Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, double epsilon, double pixels) {}

    /** Autograd's call with the gradient of a layer's output. */
    private final class Hook extends TensorTensorHook {
        @Override
        public TensorBase call(TensorBase gradient) {
            try {
                Tensor own = new Tensor(gradient);
                Tensor rest = backward(own);
                own.close();
                return rest;
            } catch (RuntimeException e) {
                failure = e; // which libtorch would turn into its own
                throw e;
            }
        }
    }

    /** This for a new step, whatever became of the last one. */
    SharedBatchNorm begin() {
        applied.clear();
        failure = null;
        returned = null;
        return this;
    }

    /** What went wrong in a backward pass that ended with {@code told}. */
    RuntimeException failure(RuntimeException told) {
        return failure == null ? told : failure;
    }

    @Override
    @SuppressWarnings("try") // the guard only has to be open
    public Tensor normalise(
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Tensor runningMean,
            Tensor runningVariance,
            double momentum,
            double epsilon) {
        int channels = Math.toIntExact(x.size(1));
        float[] means = new float[channels];
        float[] variances = new float[channels];
        Tensor mean;
        Tensor variance;
        double pixels;
        try (NoGradGuard noGrad = new NoGradGuard()) {
            pixels = merge(gathered(x, channels), means, variances);
            mean = HostTensors.of(means, channels);
            variance = HostTensors.of(variances, channels);
            runningMean.mul_(new Scalar(1 - momentum)).add_(mean, new Scalar(momentum));
            runningVariance.mul_(new Scalar(1 - momentum)).add_(variance, new Scalar(momentum * pixels / (pixels - 1)));
        }
        // Images are no result of any parameter, and the hook of what is none is never called.
        Tensor operand = x.requires_grad() ? x : x.detach().set_requires_grad(true);
        Tensor y = TorchOperations.batchNormInference(operand, gamma.detach(), beta.detach(), mean, variance, epsilon);
        y.register_hook(hook);
        applied.push(new Applied(new Tensor(x), gamma, beta, mean, variance, epsilon, pixels));
        return y;
    }

    /** Of each process one after the other: the mean and the variance of each channel, and the number of pixels. */
    private float[] gathered(Tensor x, int channels) {
        // Running statistics of F32, which nobody reads, have the result in F32 whatever x is.
        TensorOptional unread = new TensorOptional(torch.zeros(channels));
        TensorOptional unreadToo = new TensorOptional(torch.zeros(channels));
        T_TensorTensor_T own = batch_norm_update_stats(x, unread, unreadToo, 0);
        int row = 2 * channels + 1;
        float[] all = new float[group.size() * row];
        int start = group.rank() * row;
        System.arraycopy(HostTensors.floats(own.get0()), 0, all, start, channels);
        System.arraycopy(HostTensors.floats(own.get1()), 0, all, start + channels, channels);
        all[start + 2 * channels] = (float) x.numel() / channels;
        Tensor sum = HostTensors.of(all, all.length);
        group.sum(sum);
        return HostTensors.floats(sum);
    }

    /** Mean and biased variance of each channel over all processes; returns the number of pixels. */
    private double merge(float[] gathered, float[] means, float[] variances) {
        int channels = means.length;
        int row = 2 * channels + 1;
        double pixels = 0;
        for (int rank = 0; rank < group.size(); rank++) {
            pixels += gathered[rank * row + 2 * channels];
        }
        for (int c = 0; c < channels; c++) {
            double mean = 0;
            for (int rank = 0; rank < group.size(); rank++) {
                mean += gathered[rank * row + 2 * channels] / pixels * gathered[rank * row + c];
            }
            double variance = 0;
            for (int rank = 0; rank < group.size(); rank++) {
                double off = gathered[rank * row + c] - mean;
                variance += gathered[rank * row + 2 * channels]
                        / pixels
                        * (gathered[rank * row + channels + c] + off * off);
            }
            means[c] = (float) mean;
            variances[c] = (float) variance;
        }
        return pixels;
    }

    /** The gradient that batch norm with given statistics turns into that of batch norm with the batch's. */
    private Tensor backward(Tensor gradient) {
        Applied layer = applied.pop();
        int channels = Math.toIntExact(layer.mean.numel());
        Tensor deviation = layer.variance.add(new Scalar(layer.epsilon)).rsqrt();
        BoolPointer mask = new BoolPointer(3).put(0, false).put(1, true).put(2, true);
        T_TensorTensorTensor_T own = native_batch_norm_backward(
                gradient,
                layer.x,
                new TensorOptional(layer.gamma),
                new TensorOptional(),
                new TensorOptional(),
                new TensorOptional(layer.mean),
                new TensorOptional(deviation),
                true,
                layer.epsilon,
                mask);
        layer.gamma.mutable_grad().add_(own.get1());
        layer.beta.mutable_grad().add_(own.get2());
        float[] sums = new float[2 * channels];
        System.arraycopy(HostTensors.floats(own.get1()), 0, sums, 0, channels);
        System.arraycopy(HostTensors.floats(own.get2()), 0, sums, channels, channels);
        Tensor sum = HostTensors.of(sums, sums.length);
        group.sum(sum);
        Tensor means = sum.div(new Scalar(layer.pixels));
        Tensor common = TorchOperations.batchNormInference(
                layer.x,
                means.narrow(0, 0, channels),
                means.narrow(0, channels, channels),
                layer.mean,
                layer.variance,
                layer.epsilon);
        Tensor rest = gradient.sub(common);
        common.close();
        layer.x.close();
        if (returned != null) {
            returned.close(); // autograd holds it where it still needs it
        }
        returned = rest;
        return rest;
    }

    @Override
    public void close() {
        hook.close();
    }
}
