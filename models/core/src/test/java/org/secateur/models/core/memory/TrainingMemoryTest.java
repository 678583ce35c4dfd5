package org.secateur.models.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.ActivationKind;

/** Against steps gone through by hand, with two images of eight by eight pixels. */
class TrainingMemoryTest {
    private static final int BATCH = 2;
    /** Eight channels of the whole image. */
    private static final long MAP = 4 * BATCH * 8 * 64;
    /** The logits and the logarithms of their probabilities, which both live to the end. */
    private static final long LOGITS = 2 * 4 * BATCH * 10;

    /** The fullest moment is the activation's backward pass: two maps are kept, one gradient comes, one goes. */
    @Test
    void aChainIsFullestBeforeItsFirstMapsAreFreed() {
        Network chain = network(
                convolution("conv", Network.INPUT),
                new Node("bn", new Layer.BatchNorm(1e-5, 0.1), List.of("conv")),
                relu("relu", "bn"));
        long weights = 4 * (8 * 3 * 9 + 2 * 8 + 10 * 8 + 10);
        long buffers = 4 * 2 * 8;
        long inputs = BATCH * (4 * 3 * 64 + 8);
        assertThat(TrainingMemory.of(chain, BATCH))
                .isEqualTo(new TrainingMemory(
                        BATCH,
                        weights,
                        weights,
                        weights,
                        buffers,
                        inputs,
                        2 * MAP + LOGITS,
                        2 * MAP,
                        0,
                        Math.round(0.43 * (3 * weights + buffers + inputs + 4 * MAP + LOGITS))));
    }

    /**
     * Around a branch the gradient that comes is held for the addition's other operand while the convolution inside makes
     * its own and its weights'; the sum itself was written over the convolution's output.
     */
    @Test
    void aBranchHoldsTheGradientOfItsShortcut() {
        Network residual = network(
                convolution("stem", Network.INPUT),
                convolution("inner", "stem"),
                new Node("add", new Layer.Add(), List.of("inner", "stem")),
                relu("relu", "add"));
        TrainingMemory memory = TrainingMemory.of(residual, BATCH);
        assertThat(memory.activations()).isEqualTo(MAP + LOGITS);
        assertThat(memory.activationGradients()).isEqualTo(2 * MAP);
        assertThat(memory.workspace()).isEqualTo(2 * MAP + 2 * 4 * 8 * 8 * 9);
    }

    /** oneDNN reads channels that are last as they are; the images are there in both layouts. */
    @Test
    void withChannelsLastOnlyWeightsAreConverted() {
        Network residual = network(
                convolution("stem", Network.INPUT),
                convolution("inner", "stem"),
                new Node("add", new Layer.Add(), List.of("inner", "stem")),
                relu("relu", "add"));
        TrainingMemory rows = TrainingMemory.of(residual, BATCH);
        TrainingMemory last = TrainingMemory.of(residual, BATCH, DataType.F32, Layout.NHWC);
        assertThat(last.workspace()).isLessThanOrEqualTo(2 * 4 * 8 * 8 * 9);
        assertThat(last.activations() + last.activationGradients())
                .isGreaterThanOrEqualTo(rows.activations() + rows.activationGradients());
        assertThat(last.inputs() - rows.inputs()).isEqualTo(BATCH * 4 * 3 * 64);
        assertThat(last.parameters()).isEqualTo(rows.parameters());
    }

    /**
     * Half of every map; beside them the image as the convolution reads it and its weights, the logits before and after they
     * are cast, and the logarithms of the probabilities.
     */
    @Test
    void brainFloatHalvesTheMapsAndCopiesTheWeights() {
        Network chain = network(
                convolution("conv", Network.INPUT),
                new Node("bn", new Layer.BatchNorm(1e-5, 0.1), List.of("conv")),
                relu("relu", "bn"));
        TrainingMemory memory = TrainingMemory.of(chain, BATCH, DataType.BF16, Layout.NHWC);
        long image = 2 * BATCH * 3 * 64;
        long weights = 2 * 8 * 3 * 9;
        assertThat(memory.activations()).isEqualTo(MAP + image + weights + LOGITS + 2 * BATCH * 10);
        assertThat(memory.activationGradients()).isEqualTo(MAP);
        assertThat(memory.parameters())
                .isEqualTo(TrainingMemory.of(chain, BATCH).parameters());
    }

    /** Where the result is written over the operand, RELU6 keeps a copy of that, beside the result that others keep. */
    @Test
    void relu6KeepsACopyOfItsOperand() {
        Network plain = network(convolution("conv", Network.INPUT), relu("act", "conv"), convolution("next", "act"));
        Network clipped = network(
                convolution("conv", Network.INPUT),
                new Node("act", new Layer.Activation(ActivationKind.RELU6), List.of("conv")),
                convolution("next", "act"));
        assertThat(TrainingMemory.of(clipped, BATCH).activations())
                .isEqualTo(TrainingMemory.of(plain, BATCH).activations() + MAP);
    }

    /** Only what is padded is kept, for the convolution behind it. */
    @Test
    void aPadKeepsNothing() {
        Network plain = network(convolution("conv", Network.INPUT), convolution("next", "conv"));
        Network padded = network(
                convolution("conv", Network.INPUT),
                new Node("pad", new Layer.Pad(Extent.of(0), Extent.of(0), 0), List.of("conv")),
                convolution("next", "pad"));
        assertThat(TrainingMemory.of(padded, BATCH).activations())
                .isEqualTo(TrainingMemory.of(plain, BATCH).activations());
    }

    @Test
    void whatLivesBetweenTheLayersGrowsWithTheBatch() {
        for (String name : List.of("resnet20", "vgg8", "mobilenetv2", "densenet40", "googlenet", "squeezenet")) {
            Network network = Zoo.network(name);
            TrainingMemory one = TrainingMemory.of(network, 8);
            TrainingMemory two = TrainingMemory.of(network, 16);
            assertThat(two.parameters()).as(name).isEqualTo(one.parameters());
            assertThat((double) (two.activations() + two.activationGradients())
                            / (one.activations() + one.activationGradients()))
                    .as(name)
                    .isBetween(1.8, 2.2);
            assertThat(one.activations()).as(name).isGreaterThan(one.inputs());
            assertThat(one.peak()).as(name).isGreaterThan(3 * one.parameters() + one.activations());
        }
    }

    @Test
    void aBatchHasAnImage() {
        assertThatThrownBy(() -> TrainingMemory.of(Zoo.network("resnet8"), 0)).hasMessageContaining("batch 0");
    }

    /** These nodes, a mean over the pixels of the last and ten classes. */
    private static Network network(Node... body) {
        List<Node> nodes = new ArrayList<>(List.of(body));
        nodes.add(new Node("pool", new Layer.GlobalAveragePool(), List.of(body[body.length - 1].name())));
        nodes.add(new Node("flat", new Layer.Flatten(), List.of("pool")));
        nodes.add(new Node("fc", new Layer.Linear(10, true), List.of("flat")));
        return new Network("small", new Shape(3, 8, 8), 10, nodes);
    }

    private static Node convolution(String name, String input) {
        return new Node(
                name,
                new Layer.Convolution(8, Extent.of(3), Extent.of(1), Extent.of(1), Extent.of(1), 1, false),
                List.of(input));
    }

    private static Node relu(String name, String input) {
        return new Node(name, new Layer.Activation(ActivationKind.RELU), List.of(input));
    }
}
