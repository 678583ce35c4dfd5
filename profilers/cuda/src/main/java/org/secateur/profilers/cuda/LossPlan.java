package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnGetReductionWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnOpTensor;
import static jcuda.jcudnn.JCudnn.cudnnReduceTensor;
import static jcuda.jcudnn.JCudnn.cudnnSoftmaxBackward;
import static jcuda.jcudnn.JCudnn.cudnnSoftmaxForward;
import static jcuda.jcudnn.cudnnSoftmaxAlgorithm.CUDNN_SOFTMAX_LOG;
import static jcuda.jcudnn.cudnnSoftmaxMode.CUDNN_SOFTMAX_MODE_INSTANCE;

import jcuda.Pointer;
import jcuda.jcudnn.cudnnOpTensorDescriptor;
import jcuda.jcudnn.cudnnOpTensorOp;
import jcuda.jcudnn.cudnnReduceTensorDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.SoftmaxLoss;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/**
 * Softmax and cross-entropy against one-hot labels, averaged over the batch. Forward keeps the logarithms of the
 * probabilities, p, from which backward takes {@code (p - labels) / n} in one launch: it is the gradient of the
 * logarithmic softmax for an incoming gradient of {@code -labels / n}.
 */
final class LossPlan implements Plan {
    private static final Pointer NOTHING = new Pointer();

    private final Gpu gpu;
    private final Scratch scratch;
    private final Pass pass;
    private final cudnnTensorDescriptor rows;
    private final cudnnTensorDescriptor single;
    private final cudnnOpTensorDescriptor product;
    private final cudnnReduceTensorDescriptor sum;
    private final DeviceMemory products;
    private final Pointer minusMean;
    private final long workspaceBytes;

    LossPlan(SoftmaxLoss o, Workload workload, Descriptors descriptors, Scratch scratch) {
        gpu = descriptors.gpu();
        this.scratch = scratch;
        pass = workload.pass();
        rows = descriptors.tensor(workload.dataType(), Layout.NCHW, o.n(), o.classes(), 1, 1);
        single = descriptors.tensor(workload.dataType(), Layout.NCHW, 1, 1, 1, 1);
        product = descriptors.elementwise(cudnnOpTensorOp.CUDNN_OP_TENSOR_MUL);
        sum = descriptors.sum();
        minusMean = Gpu.scalar(-1.0 / o.n());
        products = descriptors
                .scope()
                .add(new DeviceMemory(
                        gpu, (long) o.n() * o.classes() * workload.dataType().bytes()));
        long[] bytes = new long[1];
        gpu.checkCudnn(
                cudnnGetReductionWorkspaceSize(gpu.cudnn(), sum, rows, single, bytes),
                "cudnnGetReductionWorkspaceSize");
        workspaceBytes = bytes[0];
        scratch.require(workspaceBytes);
    }

    @Override
    public Variant variant() {
        return new Variant("cudnn", workspaceBytes, true);
    }

    /** A backward pass wants logarithms of probabilities: it makes them of what is there. */
    @Override
    public void prepare(Operands o) {
        if (pass == Pass.BACKWARD) {
            softmax(o.read(0), o.written(0));
            softmax(o.written(0), o.read(0));
        }
    }

    private void softmax(DeviceMemory logits, DeviceMemory logarithms) {
        gpu.checkCudnn(
                cudnnSoftmaxForward(
                        gpu.cudnn(),
                        CUDNN_SOFTMAX_LOG,
                        CUDNN_SOFTMAX_MODE_INSTANCE,
                        gpu.one(),
                        rows,
                        logits.pointer(),
                        gpu.zero(),
                        rows,
                        logarithms.pointer()),
                "cudnnSoftmaxForward");
    }

    @Override
    public Launch on(Operands o) {
        return pass == Pass.FORWARD ? () -> forward(o) : () -> backward(o);
    }

    private void forward(Operands o) {
        DeviceMemory logarithms = o.written(1);
        softmax(o.read(0), logarithms);
        gpu.checkCudnn(
                cudnnOpTensor(
                        gpu.cudnn(),
                        product,
                        gpu.one(),
                        rows,
                        logarithms.pointer(),
                        gpu.one(),
                        rows,
                        o.read(1).pointer(),
                        gpu.zero(),
                        rows,
                        products.pointer()),
                "cudnnOpTensor");
        DeviceMemory workspace = scratch.workspace();
        gpu.checkCudnn(
                cudnnReduceTensor(
                        gpu.cudnn(),
                        sum,
                        NOTHING,
                        0,
                        workspace.pointer(),
                        workspace.bytes(),
                        minusMean,
                        rows,
                        products.pointer(),
                        gpu.zero(),
                        single,
                        o.written(0).pointer()),
                "cudnnReduceTensor");
    }

    private void backward(Operands o) {
        gpu.checkCudnn(
                cudnnSoftmaxBackward(
                        gpu.cudnn(),
                        CUDNN_SOFTMAX_LOG,
                        CUDNN_SOFTMAX_MODE_INSTANCE,
                        minusMean,
                        rows,
                        o.read(0).pointer(),
                        rows,
                        o.read(1).pointer(),
                        gpu.zero(),
                        rows,
                        o.written(0).pointer()),
                "cudnnSoftmaxBackward");
    }
}
