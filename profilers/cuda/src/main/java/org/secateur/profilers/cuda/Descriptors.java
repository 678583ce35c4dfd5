package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnCreateActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateConvolutionDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateFilterDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateOpTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreatePoolingDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateReduceTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyConvolutionDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyFilterDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyOpTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyPoolingDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyReduceTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolution2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionGroupCount;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionMathType;
import static jcuda.jcudnn.JCudnn.cudnnSetFilter4dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetOpTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetPooling2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetReduceTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetTensor4dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetTensor4dDescriptorEx;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_FLOAT;
import static jcuda.jcudnn.cudnnNanPropagation.CUDNN_PROPAGATE_NAN;

import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnIndicesType;
import jcuda.jcudnn.cudnnOpTensorDescriptor;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import jcuda.jcudnn.cudnnReduceTensorDescriptor;
import jcuda.jcudnn.cudnnReduceTensorIndices;
import jcuda.jcudnn.cudnnReduceTensorOp;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Convolution;

/** Makes cuDNN's descriptors, which belong to a scope. Shapes are logical: n, channels, height, width. */
record Descriptors(Gpu gpu, Resources scope) {

    /** A dense tensor. */
    cudnnTensorDescriptor tensor(DataType type, Layout layout, int n, int c, int h, int w) {
        cudnnTensorDescriptor made = tensor();
        gpu.checkCudnn(
                cudnnSetTensor4dDescriptor(made, format(layout), type(type), n, c, h, w), "cudnnSetTensor4dDescriptor");
        return made;
    }

    /** A part of a tensor, by the distances between neighbours in elements. */
    cudnnTensorDescriptor part(DataType type, int n, int c, int h, int w, int[] strides) {
        cudnnTensorDescriptor made = tensor();
        gpu.checkCudnn(
                cudnnSetTensor4dDescriptorEx(
                        made, type(type), n, c, h, w, strides[0], strides[1], strides[2], strides[3]),
                "cudnnSetTensor4dDescriptorEx");
        return made;
    }

    private cudnnTensorDescriptor tensor() {
        cudnnTensorDescriptor made = new cudnnTensorDescriptor();
        gpu.checkCudnn(cudnnCreateTensorDescriptor(made), "cudnnCreateTensorDescriptor");
        scope.add(() -> gpu.checkCudnn(cudnnDestroyTensorDescriptor(made), "cudnnDestroyTensorDescriptor"));
        return made;
    }

    /** The weights {@code [k, c, r, s]} of a convolution; in NHWC they lie as {@code [k, r, s, c]}. */
    cudnnFilterDescriptor filter(DataType type, Layout layout, int k, int c, int r, int s) {
        cudnnFilterDescriptor made = new cudnnFilterDescriptor();
        gpu.checkCudnn(cudnnCreateFilterDescriptor(made), "cudnnCreateFilterDescriptor");
        scope.add(() -> gpu.checkCudnn(cudnnDestroyFilterDescriptor(made), "cudnnDestroyFilterDescriptor"));
        gpu.checkCudnn(
                cudnnSetFilter4dDescriptor(made, type(type), format(layout), k, c, r, s), "cudnnSetFilter4dDescriptor");
        return made;
    }

    /** A cross-correlation that sums in FP32. */
    cudnnConvolutionDescriptor convolution(Convolution o, int mathType) {
        cudnnConvolutionDescriptor made = new cudnnConvolutionDescriptor();
        gpu.checkCudnn(cudnnCreateConvolutionDescriptor(made), "cudnnCreateConvolutionDescriptor");
        scope.add(() -> gpu.checkCudnn(cudnnDestroyConvolutionDescriptor(made), "cudnnDestroyConvolutionDescriptor"));
        gpu.checkCudnn(
                cudnnSetConvolution2dDescriptor(
                        made,
                        o.padding().height(),
                        o.padding().width(),
                        o.stride().height(),
                        o.stride().width(),
                        o.dilation().height(),
                        o.dilation().width(),
                        cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
                        CUDNN_DATA_FLOAT),
                "cudnnSetConvolution2dDescriptor");
        gpu.checkCudnn(cudnnSetConvolutionGroupCount(made, o.groups()), "cudnnSetConvolutionGroupCount");
        gpu.checkCudnn(cudnnSetConvolutionMathType(made, mathType), "cudnnSetConvolutionMathType");
        return made;
    }

    /** ReLU, or ReLU6 and its like, which cuDNN calls clipped at a coefficient. */
    cudnnActivationDescriptor activation(ActivationKind kind) {
        return activation(kind, kind.most());
    }

    /**
     * For backward passes that are given the output in the input's place. A clipped output is the bound itself, whose
     * gradient cuDNN would let pass; so the coefficient is between the bound and the number below it, or that number.
     */
    cudnnActivationDescriptor activationGradient(ActivationKind kind, DataType type) {
        return activation(
                kind,
                switch (type) {
                    case F32 -> Math.nextDown((float) kind.most());
                    case F16 -> below(kind.most(), 10);
                    case BF16 -> below(kind.most(), 7);
                });
    }

    /** A number between what a type of so many fraction bits makes of the bound and the type's next number below. */
    private static double below(double bound, int bits) {
        double unit = Math.scalb(1.0, Math.getExponent(bound) - bits);
        double rounded = Math.rint(bound / unit) * unit;
        boolean powerOfTwo = rounded == Math.scalb(1.0, Math.getExponent(rounded));
        return rounded - (powerOfTwo ? 0.375 : 0.75) * unit;
    }

    private cudnnActivationDescriptor activation(ActivationKind kind, double most) {
        cudnnActivationDescriptor made = new cudnnActivationDescriptor();
        gpu.checkCudnn(cudnnCreateActivationDescriptor(made), "cudnnCreateActivationDescriptor");
        scope.add(() -> gpu.checkCudnn(cudnnDestroyActivationDescriptor(made), "cudnnDestroyActivationDescriptor"));
        gpu.checkCudnn(
                kind.equals(ActivationKind.RELU)
                        ? cudnnSetActivationDescriptor(
                                made, cudnnActivationMode.CUDNN_ACTIVATION_RELU, CUDNN_PROPAGATE_NAN, 0)
                        : cudnnSetActivationDescriptor(
                                made, cudnnActivationMode.CUDNN_ACTIVATION_CLIPPED_RELU, CUDNN_PROPAGATE_NAN, most),
                "cudnnSetActivationDescriptor");
        return made;
    }

    /** A pool of a {@code cudnnPoolingMode}. */
    cudnnPoolingDescriptor pooling(int mode, Extent window, Extent padding, Extent stride) {
        cudnnPoolingDescriptor made = new cudnnPoolingDescriptor();
        gpu.checkCudnn(cudnnCreatePoolingDescriptor(made), "cudnnCreatePoolingDescriptor");
        scope.add(() -> gpu.checkCudnn(cudnnDestroyPoolingDescriptor(made), "cudnnDestroyPoolingDescriptor"));
        gpu.checkCudnn(
                cudnnSetPooling2dDescriptor(
                        made,
                        mode,
                        CUDNN_PROPAGATE_NAN,
                        window.height(),
                        window.width(),
                        padding.height(),
                        padding.width(),
                        stride.height(),
                        stride.width()),
                "cudnnSetPooling2dDescriptor");
        return made;
    }

    /** An elementwise operation, a {@code cudnnOpTensorOp}, computed in FP32. */
    cudnnOpTensorDescriptor elementwise(int operation) {
        cudnnOpTensorDescriptor made = new cudnnOpTensorDescriptor();
        gpu.checkCudnn(cudnnCreateOpTensorDescriptor(made), "cudnnCreateOpTensorDescriptor");
        scope.add(() -> gpu.checkCudnn(cudnnDestroyOpTensorDescriptor(made), "cudnnDestroyOpTensorDescriptor"));
        gpu.checkCudnn(
                cudnnSetOpTensorDescriptor(made, operation, CUDNN_DATA_FLOAT, CUDNN_PROPAGATE_NAN),
                "cudnnSetOpTensorDescriptor");
        return made;
    }

    /** A sum over every dimension in which the result has size 1, computed in FP32. */
    cudnnReduceTensorDescriptor sum() {
        cudnnReduceTensorDescriptor made = new cudnnReduceTensorDescriptor();
        gpu.checkCudnn(cudnnCreateReduceTensorDescriptor(made), "cudnnCreateReduceTensorDescriptor");
        scope.add(() -> gpu.checkCudnn(cudnnDestroyReduceTensorDescriptor(made), "cudnnDestroyReduceTensorDescriptor"));
        gpu.checkCudnn(
                cudnnSetReduceTensorDescriptor(
                        made,
                        cudnnReduceTensorOp.CUDNN_REDUCE_TENSOR_ADD,
                        CUDNN_DATA_FLOAT,
                        CUDNN_PROPAGATE_NAN,
                        cudnnReduceTensorIndices.CUDNN_REDUCE_TENSOR_NO_INDICES,
                        cudnnIndicesType.CUDNN_32BIT_INDICES),
                "cudnnSetReduceTensorDescriptor");
        return made;
    }

    private static int type(DataType type) {
        return switch (type) {
            case F32 -> CUDNN_DATA_FLOAT;
            case F16 -> cudnnDataType.CUDNN_DATA_HALF;
            case BF16 -> cudnnDataType.CUDNN_DATA_BFLOAT16;
        };
    }

    private static int format(Layout layout) {
        return switch (layout) {
            case NCHW -> cudnnTensorFormat.CUDNN_TENSOR_NCHW;
            case NHWC -> cudnnTensorFormat.CUDNN_TENSOR_NHWC;
        };
    }
}
