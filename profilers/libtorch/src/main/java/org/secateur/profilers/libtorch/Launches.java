package org.secateur.profilers.libtorch;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.secateur.results.core.DataType;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;

/**
 * What a launch of each workload does. Forward passes run {@link TorchOperations}; backward passes run the functions
 * that autograd runs for them (libtorch's {@code derivatives.yaml}), or autograd itself over a graph built beforehand
 * where the backward pass is several views and copies. A pass over weights ends by adding to the gradient, as autograd
 * does.
 */
final class Launches {
    private Launches() {}

    /**
     * Makes the buffers of one launch.
     *
     * @throws IllegalArgumentException when there is no kernel for the workload
     */
    static Launch prepare(Workload workload, Buffers buffers) {
        Launch launch = launch(workload.operation(), workload.pass(), buffers);
        TensorFormat format = buffers.format();
        return workload.pass() == Pass.FORWARD && format.isBrainFloat() ? cast(launch, format) : launch;
    }

    /**
     * The format of a workload's buffers.
     *
     * @throws IllegalArgumentException when there is no kernel for its arithmetic
     */
    static TensorFormat format(Workload workload) {
        if (workload.dataType() == DataType.F16 || workload.mathMode() != MathMode.DEFAULT) {
            throw new IllegalArgumentException("workload " + workload.text()
                    + ": cpu has kernels for dtype=f32, dtype=bf16 and math=default only");
        }
        return new TensorFormat(workload.dataType(), workload.layout());
    }

    @SuppressWarnings("try") // autocast only has to be on
    private static Launch cast(Launch launch, TensorFormat format) {
        return () -> {
            try (Autocast autocast = Autocast.of(format)) {
                return launch.run();
            }
        };
    }

    private static Launch launch(Operation operation, Pass pass, Buffers buffers) {
        return switch (operation) {
            case Operation.Convolution o -> LayerLaunches.convolution(o, pass, buffers);
            case Operation.Linear o -> LayerLaunches.linear(o, pass, buffers);
            case Operation.BatchNorm o -> LayerLaunches.batchNorm(o, pass, buffers);
            case Operation.Activation o -> LayerLaunches.activation(o, pass, buffers);
            case Operation.Pooling o -> PixelLaunches.pooling(o, pass, buffers);
            case Operation.Pad o -> PixelLaunches.pad(o, pass, buffers);
            case Operation.IndexMap o -> PixelLaunches.indexMap(o, pass, buffers);
            case Operation.Concat o -> PixelLaunches.concat(o, pass, buffers);
            case Operation.Add o -> add(o, pass, buffers);
            case Operation.SoftmaxLoss o -> softmaxLoss(o, pass, buffers);
            case OptimizerStep o -> optimizerStep(o, buffers);
        };
    }

    /**
     * Whether training or inference runs the workload's operations in grad mode: forward passes, except where the
     * workload itself says inference.
     */
    static boolean inGradMode(Workload workload) {
        return workload.pass() == Pass.FORWARD
                && !(workload.operation() instanceof Operation.BatchNorm norm && !norm.training());
    }

    private static Launch add(Add o, Pass pass, Buffers buffers) {
        if (pass != Pass.FORWARD) {
            throw new IllegalArgumentException(
                    "pass backward of add: the gradient of a sum is the incoming gradient, nothing is launched");
        }
        Tensor x = buffers.activation(o.n(), o.c(), o.h(), o.w());
        Tensor y = switch (o.operand()) {
            case TENSOR -> buffers.activation(o.n(), o.c(), o.h(), o.w());
            case CHANNEL -> buffers.normal(o.c());
            case MAP -> buffers.constants(o.c(), o.h(), o.w());
        };
        return o.operand() == Operation.Operand.TENSOR
                ? () -> List.of(TorchOperations.addInPlace(x, y))
                : () -> List.of(TorchOperations.shiftInPlace(x, y));
    }

    private static Launch softmaxLoss(Operation.SoftmaxLoss o, Pass pass, Buffers buffers) {
        Tensor logits = buffers.leaf(o.n(), o.classes());
        Tensor labels = buffers.labels(o.n(), o.classes());
        if (pass == Pass.FORWARD) {
            return () -> List.of(TorchOperations.crossEntropy(logits, labels));
        }
        return gradient(TorchOperations.crossEntropy(logits, labels), List.of(), List.of(logits));
    }

    private static Launch optimizerStep(OptimizerStep o, Buffers buffers) {
        long each = Math.max(1, o.parameters() / o.tensors());
        long tensors = Math.min(o.tensors(), o.parameters());
        List<long[]> shapes = IntStream.range(0, Math.toIntExact(tensors))
                .mapToObj(i -> new long[] {i + 1 < tensors ? each : o.parameters() - each * (tensors - 1)})
                .toList();
        FlatParameters parameters = buffers.parameters(shapes);
        SgdStep step = new SgdStep(0.9, 5e-4);
        return () -> {
            // So slow that weights, and through the decay momenta, stay normal numbers over millions of launches.
            step.apply(parameters, 1e-6);
            return List.of();
        };
    }

    /** Autograd's backward pass from {@code output} to {@code inputs} over the graph that made it. */
    static Launch gradient(Tensor output, List<Tensor> outputGradients, List<Tensor> inputs) {
        TensorVector outputs = new TensorVector(output);
        TensorVector from = new TensorVector(outputGradients.toArray(Tensor[]::new));
        TensorVector to = new TensorVector(inputs.toArray(Tensor[]::new));
        BoolOptional keepGraph = new BoolOptional(true);
        return () ->
                List.of(torch.grad(outputs, to, from, keepGraph, false, false).get());
    }

    /** Which of three gradients a backward function computes. */
    static BoolPointer mask(boolean input, boolean weight, boolean bias) {
        return new BoolPointer(3).put(0, input).put(1, weight).put(2, bias);
    }
}
