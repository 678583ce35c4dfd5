package org.secateur.models.core.memory;

import java.util.List;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/**
 * A model of the native memory that training takes on the CPU at the fullest moment of a step, in bytes, beyond what the loaded libraries take. It follows the tensors of libtorch's autograd from node to node: what the
 * backward pass needs lives until its node's backward pass is done, all else until its last reader is. Left out: the Java
 * heap and the group lasso.
 *
 * @param batch images of a step
 * @param parameters the trained weights
 * @param gradients as many
 * @param momentum as many
 * @param buffers running statistics and stored constants
 * @param inputs images and labels of a step; with channels last also the images as they are drawn
 * @param activations outputs of nodes alive at that moment, with the places of the largest values that pooling keeps
 * @param activationGradients their gradients alive at that moment
 * @param workspace of the operation at work: by assumption oneDNN copies a convolution's operands in NCHW into its own layout,
 *     of channels in blocks of 8, and its result back, and only the weights where channels are last
 * @param allocator what the allocator holds beyond what is alive
 */
public record TrainingMemory(
        int batch,
        long parameters,
        long gradients,
        long momentum,
        long buffers,
        long inputs,
        long activations,
        long activationGradients,
        long workspace,
        long allocator) {
    /**
     * What glibc's malloc holds beyond what is alive: pieces that freed blocks leave between others, and what earlier parts
     * of a step needed. Six networks of 200 to 630 MB had 0.35 to 0.52 of all that is alive (docs/benchmarks.md). Blocks of
     * 32 MiB and more have pages of their own, so that it is less where most are as large.
     */
    private static final double FRAGMENTATION = 0.43;

    /** Bytes of an FP32 number. */
    static final long FLOAT = 4;

    private static final long LABEL = 8;

    /** The memory of training a network in F32 and NCHW. */
    public static TrainingMemory of(Network network, int batch) {
        return of(network, batch, DataType.F32, Layout.NCHW);
    }

    /**
     * The memory of training a network.
     *
     * @param batch images of a step, at least 1
     * @param dataType of activations, F32 or BF16
     */
    public static TrainingMemory of(Network network, int batch, DataType dataType, Layout layout) {
        if (dataType == DataType.F16) {
            throw new IllegalArgumentException("data type f16: the processor trains in f32 or bf16");
        }
        if (batch < 1) {
            throw new IllegalArgumentException("batch " + batch + ": expected at least 1");
        }
        List<Parameters.Tensor> tensors = Parameters.of(network);
        long trained = FLOAT * elements(tensors, Kind.TRAINED);
        StepMemory.Moment fullest = new StepMemory(network, batch, dataType, layout).fullest();
        long buffers = FLOAT * elements(tensors, Kind.BUFFER);
        long arrangements = layout == Layout.NCHW ? 1 : 2;
        long inputs = batch * (arrangements * FLOAT * network.input().elements() + LABEL);
        long alive = 3 * trained + buffers + inputs + fullest.total();
        return new TrainingMemory(
                batch,
                trained,
                trained,
                trained,
                buffers,
                inputs,
                fullest.activations(),
                fullest.gradients(),
                fullest.workspace(),
                Math.round(FRAGMENTATION * alive));
    }

    /** Everything at that moment. */
    public long peak() {
        return parameters
                + gradients
                + momentum
                + buffers
                + inputs
                + activations
                + activationGradients
                + workspace
                + allocator;
    }

    private static long elements(List<Parameters.Tensor> tensors, Kind kind) {
        return tensors.stream()
                .filter(tensor -> tensor.kind() == kind)
                .mapToLong(Parameters.Tensor::elements)
                .sum();
    }
}
