package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnBatchNormalizationBackwardEx;
import static jcuda.jcudnn.JCudnn.cudnnBatchNormalizationForwardInference;
import static jcuda.jcudnn.JCudnn.cudnnBatchNormalizationForwardTrainingEx;
import static jcuda.jcudnn.JCudnn.cudnnGetBatchNormalizationBackwardExWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnGetBatchNormalizationForwardTrainingExWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnGetBatchNormalizationTrainingExReserveSpaceSize;

import jcuda.Pointer;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnBatchNormMode;
import jcuda.jcudnn.cudnnBatchNormOps;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/**
 * One pass of a batch norm. In training on NHWC it takes cuDNN's persistent mode,
 * as PyTorch does; elsewhere that mode falls back to the plain one.
 */
final class BatchNormPlan implements Plan {
    private static final int ALONE = cudnnBatchNormOps.CUDNN_BATCHNORM_OPS_BN;

    // Null for cuDNN: what only fused operations have.
    private static final cudnnTensorDescriptor NO_TENSOR = new cudnnTensorDescriptor();
    private static final cudnnActivationDescriptor NO_ACTIVATION = new cudnnActivationDescriptor();
    private static final Pointer NOTHING = new Pointer();

    private final Gpu gpu;
    private final Scratch scratch;
    private final BatchNorm operation;
    private final BatchNormRule rule;
    private final Pass pass;
    private final cudnnTensorDescriptor image;
    private final cudnnTensorDescriptor channels;
    private final int mode;
    private final long reserveBytes;

    BatchNormPlan(BatchNorm o, BatchNormRule rule, Workload workload, Descriptors descriptors, Scratch scratch) {
        gpu = descriptors.gpu();
        this.scratch = scratch;
        operation = o;
        this.rule = rule;
        pass = workload.pass();
        if (pass == Pass.BACKWARD && !o.training()) {
            throw new IllegalArgumentException(
                    "workload " + workload.text() + ": no training step launches the backward of an inference");
        }
        image = descriptors.tensor(workload.dataType(), workload.layout(), o.n(), o.c(), o.h(), o.w());
        channels = descriptors.tensor(DataType.F32, Layout.NCHW, 1, o.c(), 1, 1);
        mode = o.training() && workload.layout() == Layout.NHWC
                ? cudnnBatchNormMode.CUDNN_BATCHNORM_SPATIAL_PERSISTENT
                : cudnnBatchNormMode.CUDNN_BATCHNORM_SPATIAL;
        reserveBytes = o.training() ? spaces() : 0;
    }

    /** Asks for the workspaces of both passes, since preparing a backward one runs a forward one. */
    private long spaces() {
        long[] bytes = new long[1];
        gpu.checkCudnn(
                cudnnGetBatchNormalizationForwardTrainingExWorkspaceSize(
                        gpu.cudnn(), mode, ALONE, image, NO_TENSOR, image, channels, NO_ACTIVATION, bytes),
                "cudnnGetBatchNormalizationForwardTrainingExWorkspaceSize");
        scratch.require(bytes[0]);
        gpu.checkCudnn(
                cudnnGetBatchNormalizationBackwardExWorkspaceSize(
                        gpu.cudnn(),
                        mode,
                        ALONE,
                        image,
                        NO_TENSOR,
                        image,
                        NO_TENSOR,
                        image,
                        channels,
                        NO_ACTIVATION,
                        bytes),
                "cudnnGetBatchNormalizationBackwardExWorkspaceSize");
        scratch.require(bytes[0]);
        gpu.checkCudnn(
                cudnnGetBatchNormalizationTrainingExReserveSpaceSize(
                        gpu.cudnn(), mode, ALONE, NO_ACTIVATION, image, bytes),
                "cudnnGetBatchNormalizationTrainingExReserveSpaceSize");
        return bytes[0];
    }

    @Override
    public Variant variant() {
        String name = mode == cudnnBatchNormMode.CUDNN_BATCHNORM_SPATIAL ? "SPATIAL" : "SPATIAL_PERSISTENT";
        return new Variant("cudnn " + name, 0, true);
    }

    /** A backward pass wants what its forward pass saved: it is run once, with places that are overwritten later. */
    @Override
    public void prepare(Operands o) {
        if (pass == Pass.BACKWARD) {
            DeviceMemory scale = o.read(2);
            DeviceMemory reserve = scratch.makeReserve(o.read(3), reserveBytes);
            forwardTraining(
                    o.read(0), scale, scale, o.written(1), o.written(2), o.written(0), o.read(3), o.read(4), reserve);
        }
    }

    @Override
    public Launch on(Operands o) {
        if (!operation.training()) {
            return () -> inference(o);
        }
        if (pass == Pass.FORWARD) {
            DeviceMemory reserve = scratch.makeReserve(o.written(1), reserveBytes);
            return () -> forwardTraining(
                    o.read(0),
                    o.read(1),
                    o.read(2),
                    o.read(3),
                    o.read(4),
                    o.written(0),
                    o.written(1),
                    o.written(2),
                    reserve);
        }
        DeviceMemory reserve = scratch.reserve(o.read(3));
        return () -> backward(o, reserve);
    }

    private void inference(Operands o) {
        gpu.checkCudnn(
                cudnnBatchNormalizationForwardInference(
                        gpu.cudnn(),
                        mode,
                        gpu.one(),
                        gpu.zero(),
                        image,
                        o.read(0).pointer(),
                        image,
                        o.written(0).pointer(),
                        channels,
                        o.read(1).pointer(),
                        o.read(2).pointer(),
                        o.read(3).pointer(),
                        o.read(4).pointer(),
                        rule.epsilon()),
                "cudnnBatchNormalizationForwardInference");
    }

    private void forwardTraining(
            DeviceMemory x,
            DeviceMemory scale,
            DeviceMemory bias,
            DeviceMemory runningMean,
            DeviceMemory runningVariance,
            DeviceMemory y,
            DeviceMemory savedMean,
            DeviceMemory savedInverse,
            DeviceMemory reserve) {
        DeviceMemory workspace = scratch.workspace();
        gpu.checkCudnn(
                cudnnBatchNormalizationForwardTrainingEx(
                        gpu.cudnn(),
                        mode,
                        ALONE,
                        gpu.one(),
                        gpu.zero(),
                        image,
                        x.pointer(),
                        NO_TENSOR,
                        NOTHING,
                        image,
                        y.pointer(),
                        channels,
                        scale.pointer(),
                        bias.pointer(),
                        rule.momentum(),
                        runningMean.pointer(),
                        runningVariance.pointer(),
                        rule.epsilon(),
                        savedMean.pointer(),
                        savedInverse.pointer(),
                        NO_ACTIVATION,
                        workspace.pointer(),
                        workspace.bytes(),
                        reserve.pointer(),
                        reserve.bytes()),
                "cudnnBatchNormalizationForwardTrainingEx");
    }

    private void backward(Operands o, DeviceMemory reserve) {
        DeviceMemory workspace = scratch.workspace();
        gpu.checkCudnn(
                cudnnBatchNormalizationBackwardEx(
                        gpu.cudnn(),
                        mode,
                        ALONE,
                        gpu.one(),
                        gpu.zero(),
                        gpu.one(),
                        gpu.zero(),
                        image,
                        o.read(0).pointer(),
                        NO_TENSOR,
                        NOTHING,
                        image,
                        o.read(1).pointer(),
                        NO_TENSOR,
                        NOTHING,
                        image,
                        o.written(0).pointer(),
                        channels,
                        o.read(2).pointer(),
                        NOTHING,
                        o.written(1).pointer(),
                        o.written(2).pointer(),
                        rule.epsilon(),
                        o.read(3).pointer(),
                        o.read(4).pointer(),
                        NO_ACTIVATION,
                        workspace.pointer(),
                        workspace.bytes(),
                        reserve.pointer(),
                        reserve.bytes()),
                "cudnnBatchNormalizationBackwardEx");
    }
}
