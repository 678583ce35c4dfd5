package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnActivationBackward;
import static jcuda.jcudnn.JCudnn.cudnnActivationForward;
import static jcuda.jcudnn.JCudnn.cudnnAddTensor;
import static jcuda.jcudnn.JCudnn.cudnnOpTensor;

import java.util.function.Function;
import jcuda.Pointer;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnOpTensorDescriptor;
import jcuda.jcudnn.cudnnOpTensorOp;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/** Plans of what takes element by element. Every one writes a tensor of its own, none works in place. */
final class ElementwisePlans {
    private static final Variant VARIANT = new Variant("cudnn", 0, true);

    private ElementwisePlans() {}

    /** A plan without a choice. */
    static Plan plan(Function<Operands, Launch> launches) {
        return new Plan() {
            @Override
            public Variant variant() {
                return VARIANT;
            }

            @Override
            public Launch on(Operands operands) {
                return launches.apply(operands);
            }
        };
    }

    /** Backward: the gradient passes where the output is positive, and below the upper bound. */
    static Plan activation(Activation o, Workload workload, Descriptors descriptors) {
        Gpu gpu = descriptors.gpu();
        cudnnActivationDescriptor activation = workload.pass() == Pass.FORWARD
                ? descriptors.activation(o.kind())
                : descriptors.activationGradient(o.kind(), workload.dataType());
        cudnnTensorDescriptor image =
                descriptors.tensor(workload.dataType(), workload.layout(), o.n(), o.c(), o.h(), o.w());
        if (workload.pass() == Pass.FORWARD) {
            return plan(s -> () -> gpu.checkCudnn(
                    cudnnActivationForward(
                            gpu.cudnn(),
                            activation,
                            gpu.one(),
                            image,
                            s.read(0).pointer(),
                            gpu.zero(),
                            image,
                            s.written(0).pointer()),
                    "cudnnActivationForward"));
        }
        return plan(s -> {
            // The input is asked for; the output in its place lies between the same bounds where it does.
            Pointer y = s.read(0).pointer();
            return () -> gpu.checkCudnn(
                    cudnnActivationBackward(
                            gpu.cudnn(),
                            activation,
                            gpu.one(),
                            image,
                            y,
                            image,
                            s.read(1).pointer(),
                            image,
                            y,
                            gpu.zero(),
                            image,
                            s.written(0).pointer()),
                    "cudnnActivationBackward");
        });
    }

    /** The sum of a tensor and another, or a shift. */
    static Plan add(Add o, Workload workload, Descriptors descriptors) {
        if (workload.pass() != Pass.FORWARD) {
            throw new IllegalArgumentException(
                    "pass backward of add: the gradient of a sum is the incoming gradient, nothing is launched");
        }
        Gpu gpu = descriptors.gpu();
        DataType type = workload.dataType();
        Layout layout = workload.layout();
        cudnnOpTensorDescriptor sum = descriptors.elementwise(cudnnOpTensorOp.CUDNN_OP_TENSOR_ADD);
        cudnnTensorDescriptor image = descriptors.tensor(type, layout, o.n(), o.c(), o.h(), o.w());
        cudnnTensorDescriptor other = switch (o.operand()) {
            case TENSOR -> image;
            case CHANNEL -> descriptors.tensor(type, layout, 1, o.c(), 1, 1);
            case MAP -> descriptors.tensor(type, layout, 1, o.c(), o.h(), o.w());
        };
        return plan(s -> {
            // The target may be the first operand only, where it is one of two.
            boolean swapped = s.read(1) == s.written(0);
            Pointer first = s.read(swapped ? 1 : 0).pointer();
            Pointer second = s.read(swapped ? 0 : 1).pointer();
            return () -> gpu.checkCudnn(
                    cudnnOpTensor(
                            gpu.cudnn(),
                            sum,
                            gpu.one(),
                            image,
                            first,
                            gpu.one(),
                            other,
                            second,
                            gpu.zero(),
                            image,
                            s.written(0).pointer()),
                    "cudnnOpTensor");
        });
    }

    /**
     * A step of an {@link SgdRule} over flat parameters, gradients and momenta: two launches, whatever the number of
     * parameters.
     */
    static Plan optimizerStep(OptimizerStep o, SgdScalars rule, DataType type, Descriptors descriptors) {
        Gpu gpu = descriptors.gpu();
        cudnnOpTensorDescriptor sum = descriptors.elementwise(cudnnOpTensorOp.CUDNN_OP_TENSOR_ADD);
        cudnnTensorDescriptor flat = descriptors.tensor(type, Layout.NCHW, 1, 1, 1, Math.toIntExact(o.parameters()));
        return plan(s -> () -> {
            Pointer values = s.read(0).pointer();
            Pointer momenta = s.read(2).pointer();
            gpu.checkCudnn(
                    cudnnOpTensor(
                            gpu.cudnn(),
                            sum,
                            gpu.one(),
                            flat,
                            s.read(1).pointer(),
                            rule.weightDecay().pointer(),
                            flat,
                            values,
                            rule.momentum().pointer(),
                            flat,
                            momenta),
                    "cudnnOpTensor");
            gpu.checkCudnn(
                    cudnnAddTensor(gpu.cudnn(), rule.minusRate().pointer(), flat, momenta, gpu.one(), flat, values),
                    "cudnnAddTensor");
        });
    }
}
