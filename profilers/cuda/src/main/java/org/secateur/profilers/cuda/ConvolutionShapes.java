package org.secateur.profilers.cuda;

import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Workload;

/** The descriptors of a convolution: input or its gradient, weights or their gradient, output or its gradient. */
record ConvolutionShapes(
        cudnnTensorDescriptor x,
        cudnnFilterDescriptor w,
        cudnnTensorDescriptor y,
        cudnnConvolutionDescriptor convolution) {

    static ConvolutionShapes of(Convolution o, Workload workload, Descriptors descriptors) {
        DataType type = workload.dataType();
        Layout layout = workload.layout();
        return new ConvolutionShapes(
                descriptors.tensor(type, layout, o.n(), o.c(), o.h(), o.w()),
                descriptors.filter(type, layout, o.k(), o.c() / o.groups(), o.r(), o.s()),
                descriptors.tensor(type, layout, o.n(), o.k(), o.outputHeight(), o.outputWidth()),
                descriptors.convolution(o, mathType(workload)));
    }

    /**
     * The arithmetic that the workload allows, as cuDNN 8 and later name it: FMA is FP32's own, DEFAULT lets tensor
     * cores round FP32 to TF32, and TENSOR_OP uses them for 16-bit types.
     */
    static int mathType(Workload workload) {
        if (workload.dataType() != DataType.F32) {
            return cudnnMathType.CUDNN_TENSOR_OP_MATH;
        }
        return workload.mathMode() == MathMode.TF32 ? cudnnMathType.CUDNN_DEFAULT_MATH : cudnnMathType.CUDNN_FMA_MATH;
    }
}
