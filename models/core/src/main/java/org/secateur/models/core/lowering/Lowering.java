package org.secateur.models.core.lowering;

import java.util.List;
import java.util.Optional;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Workload;

/**
 * From a network to the workloads of one step. A training step is the forward pass, the loss, the backward pass in
 * reverse order and one optimizer step. As in autograd, the gradient of a sum and of a shift is the incoming gradient
 * itself, so their backward launches nothing; where several nodes read a tensor, their gradients are summed by
 * {@code add} workloads that serve the node which made the tensor. A flatten launches nothing.
 *
 * <p>Buffers: activations and their gradients are {@code [n, channels, height, width]}, named by the node and by
 * {@code node.grad}; a parameter's gradient is {@code name.grad}, its velocity {@code name.momentum}. Order of reads and
 * writes:
 *
 * <ul>
 *   <li>convolution, linear: forward (input, weight, bias) to (output); backward-data (output.grad, weight) to
 *       (input.grad); backward-weights (input, output.grad) to (weight.grad, bias.grad);
 *   <li>batch norm: training forward (input, weight, bias, running_mean, running_var) to (output, saved_mean,
 *       saved_invstd, running_mean, running_var), backward (input, output.grad, weight, saved_mean, saved_invstd) to
 *       (input.grad, weight.grad, bias.grad); inference (input, weight, bias, running_mean, running_var) to (output);
 *   <li>activation: backward (output, output.grad); pooling: backward (input, output, output.grad); index map, concat:
 *       backward (output.grad); each to (input.grad ...);
 *   <li>shift: forward (input, shift) to (output);
 *   <li>loss: forward (logits, labels) to (loss, loss.probabilities), backward (loss.probabilities, labels) to
 *       (logits' gradient);
 *   <li>optimizer: (parameters, their gradients, their momenta) to (parameters, momenta).
 * </ul>
 */
public final class Lowering {
    /** The layer name of the loss's instructions, and the buffer of its value. */
    public static final String LOSS = "loss";

    /** The buffer of what the loss keeps of its logits for the backward pass, {@code [n, classes]}, in their order. */
    public static final String PROBABILITIES = LOSS + ".probabilities";

    /** The buffer of the labels. */
    public static final String LABELS = "labels";

    /** What follows a parameter's name in that of its velocity. */
    public static final String MOMENTUM = ".momentum";

    /** The layer name of the optimizer's instruction. */
    public static final String OPTIMIZER = "optimizer";

    private Lowering() {}

    /** One training step, in the type's own arithmetic. */
    public static StepProgram training(Network network, int batch, DataType dataType, Layout layout) {
        return training(network, batch, dataType, MathMode.DEFAULT, layout);
    }

    /** One training step. */
    public static StepProgram training(
            Network network, int batch, DataType dataType, MathMode mathMode, Layout layout) {
        return new TrainingProgram(network, batch, new Numerics(dataType, mathMode, layout)).build();
    }

    /** One inference, in the type's own arithmetic. */
    public static StepProgram inference(Network network, int batch, DataType dataType, Layout layout) {
        return inference(network, batch, dataType, MathMode.DEFAULT, layout);
    }

    /** One inference: the forward pass with batch norm's stored statistics, without loss. */
    public static StepProgram inference(
            Network network, int batch, DataType dataType, MathMode mathMode, Layout layout) {
        ProgramBuilder program = new ProgramBuilder(network, batch, new Numerics(dataType, mathMode, layout), false);
        network.nodes().forEach(program::forward);
        return program.build(StepProgram.Kind.INFERENCE);
    }

    /**
     * What one node launches in a training step, its share of gradient sums excluded.
     *
     * @param inputs the shapes that it reads
     * @param inputNeedsGradient whether a trained layer stands before it; false for the layer that reads the image
     */
    public static List<Workload> trainingWorkloads(
            Layer layer,
            List<Shape> inputs,
            boolean inputNeedsGradient,
            int batch,
            DataType dataType,
            MathMode mathMode,
            Layout layout) {
        Numerics numerics = new Numerics(dataType, mathMode, layout);
        Optional<Operation> operation = Operations.of(layer, inputs, batch, true);
        return operation.stream()
                .flatMap(o -> passes(layer, o, inputNeedsGradient).stream().map(pass -> numerics.workload(o, pass)))
                .toList();
    }

    /** What one node launches in an inference; nothing or one workload. */
    public static List<Workload> inferenceWorkloads(
            Layer layer, List<Shape> inputs, int batch, DataType dataType, MathMode mathMode, Layout layout) {
        Numerics numerics = new Numerics(dataType, mathMode, layout);
        return Operations.of(layer, inputs, batch, false).stream()
                .map(o -> numerics.workload(o, Pass.FORWARD))
                .toList();
    }

    static List<Pass> passes(Layer layer, Operation operation, boolean inputNeedsGradient) {
        return switch (layer) {
            case Layer.Add l -> List.of(Pass.FORWARD);
            case Layer.Shift l -> List.of(Pass.FORWARD);
            case Layer.BatchNorm l -> operation.passes(true);
            default -> operation.passes(inputNeedsGradient);
        };
    }

    /** The arithmetic of a program. */
    record Numerics(DataType dataType, MathMode mathMode, Layout layout) {
        Workload workload(Operation operation, Pass pass) {
            return new Workload(operation, pass, dataType, mathMode, layout);
        }
    }
}
