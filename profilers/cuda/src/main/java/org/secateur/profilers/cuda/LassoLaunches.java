package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnBatchNormalizationForwardInference;
import static jcuda.jcudnn.JCudnn.cudnnGetReductionWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnOpTensor;
import static jcuda.jcudnn.JCudnn.cudnnReduceTensor;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import jcuda.Pointer;
import jcuda.jcudnn.cudnnBatchNormMode;
import jcuda.jcudnn.cudnnOpTensorDescriptor;
import jcuda.jcudnn.cudnnOpTensorOp;
import jcuda.jcudnn.cudnnReduceTensorDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/**
 * Adds a group lasso's gradient, {@code lambda * w / sqrt(sum w^2 + smoothing)}, to FP32 gradients. cuDNN divides by a
 * root in batch norms only: with the sums of squares as variances, mean 0, scale 1 and shift 0, inference is just that.
 */
final class LassoLaunches {
    private static final Pointer NOTHING = new Pointer();

    private final Gpu gpu;
    private final Scratch scratch;
    private final double smoothing;
    private final cudnnOpTensorDescriptor product;
    private final cudnnReduceTensorDescriptor sum;
    private final List<View> views;
    private final DeviceMemory squares;
    private final DeviceMemory sums;
    private final DeviceMemory ones;
    private final DeviceMemory zeros;
    private final HostScalar lambda = new HostScalar();

    /** A piece on the device, as an image whose channels are the groups. */
    private record View(
            DeviceMemory weights,
            DeviceMemory gradients,
            cudnnTensorDescriptor image,
            cudnnTensorDescriptor channels,
            boolean singles) {}

    /** Prepares what the launches need, before anything of the step is captured. */
    LassoLaunches(GroupLasso lasso, StepLaunches step) {
        Planning planning = step.planning();
        gpu = planning.gpu();
        scratch = planning.scratch();
        smoothing = lasso.smoothing();
        product = planning.descriptors().elementwise(cudnnOpTensorOp.CUDNN_OP_TENSOR_MUL);
        sum = planning.descriptors().sum();
        squares = memory(planning, lasso, GroupLasso.Piece::elements);
        sums = memory(planning, lasso, GroupLasso.Piece::groups);
        ones = memory(planning, lasso, GroupLasso.Piece::groups);
        zeros = memory(planning, lasso, GroupLasso.Piece::groups);
        float[] values = new float[Math.toIntExact(ones.bytes() / Float.BYTES)];
        Numbers.write(zeros, DataType.F32, values);
        Arrays.fill(values, 1);
        Numbers.write(ones, DataType.F32, values);
        views = lasso.pieces().stream()
                .map(piece -> view(planning.descriptors(), step, piece))
                .toList();
    }

    /** As much as the largest piece needs. */
    private static DeviceMemory memory(Planning planning, GroupLasso lasso, ToIntFunction<GroupLasso.Piece> elements) {
        int most = lasso.pieces().stream().mapToInt(elements).max().orElse(1);
        return planning.descriptors().scope().add(new DeviceMemory(planning.gpu(), (long) most * Float.BYTES));
    }

    private View view(Descriptors descriptors, StepLaunches step, GroupLasso.Piece piece) {
        cudnnTensorDescriptor image =
                descriptors.tensor(DataType.F32, Layout.NCHW, piece.outer(), piece.groups(), 1, piece.inner());
        cudnnTensorDescriptor channels = descriptors.tensor(DataType.F32, Layout.NCHW, 1, piece.groups(), 1, 1);
        boolean singles = piece.elements() == piece.groups(); // cuDNN refuses a reduction that reduces nothing
        if (!singles) {
            long[] bytes = new long[1];
            gpu.checkCudnn(
                    cudnnGetReductionWorkspaceSize(gpu.cudnn(), sum, image, channels, bytes),
                    "cudnnGetReductionWorkspaceSize");
            scratch.require(bytes[0]);
        }
        return new View(
                part(step.memory(piece.parameter()), piece),
                part(step.gradient(piece.parameter()), piece),
                image,
                channels,
                singles);
    }

    private static DeviceMemory part(DeviceMemory whole, GroupLasso.Piece piece) {
        return whole.part((long) piece.offset() * Float.BYTES, (long) piece.elements() * Float.BYTES);
    }

    /** Enqueues the launches for a lambda, which a capture keeps. */
    void run(double weight) {
        lambda.set(weight);
        views.forEach(this::run);
    }

    private void run(View view) {
        Pointer weights = view.weights().pointer();
        gpu.checkCudnn(
                cudnnOpTensor(
                        gpu.cudnn(),
                        product,
                        gpu.one(),
                        view.image(),
                        weights,
                        gpu.one(),
                        view.image(),
                        weights,
                        gpu.zero(),
                        view.image(),
                        (view.singles() ? sums : squares).pointer()),
                "cudnnOpTensor");
        if (!view.singles()) {
            reduce(view);
        }
        gpu.checkCudnn(
                cudnnBatchNormalizationForwardInference(
                        gpu.cudnn(),
                        cudnnBatchNormMode.CUDNN_BATCHNORM_SPATIAL,
                        lambda.pointer(),
                        gpu.one(),
                        view.image(),
                        weights,
                        view.image(),
                        view.gradients().pointer(),
                        view.channels(),
                        ones.pointer(),
                        zeros.pointer(),
                        zeros.pointer(),
                        sums.pointer(),
                        smoothing),
                "cudnnBatchNormalizationForwardInference");
    }

    /** Sums the squares of each group. */
    private void reduce(View view) {
        DeviceMemory workspace = scratch.workspace();
        gpu.checkCudnn(
                cudnnReduceTensor(
                        gpu.cudnn(),
                        sum,
                        NOTHING,
                        0,
                        workspace.pointer(),
                        workspace.bytes(),
                        gpu.one(),
                        view.image(),
                        squares.pointer(),
                        gpu.zero(),
                        view.channels(),
                        sums.pointer()),
                "cudnnReduceTensor");
    }
}
