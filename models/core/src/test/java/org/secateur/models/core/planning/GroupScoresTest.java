package org.secateur.models.core.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.pruning.Criterion;
import org.secateur.models.core.pruning.PruneTrainRule;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Extent;

class GroupScoresTest {
    private static final Network NETWORK = Zoo.network("resnet8", Optional.of(new Shape(3, 16, 16)), OptionalInt.of(4));
    private static final String INNER = "layer1.0.conv1";
    private static final String READER = "layer1.0.conv2";

    /** One residual branch of three convolutions, between four channels, with the inner groups {@code a} and {@code b}. */
    private static final Network BOTTLENECK = new Network(
            "bottleneck",
            new Shape(3, 8, 8),
            5,
            List.of(
                    convolution("stem", Network.INPUT, 4, 3),
                    convolution("a", "stem", 3, 1),
                    convolution("b", "a", 2, 3),
                    convolution("end", "b", 4, 1),
                    new Node("add", new Layer.Add(), List.of("end", "stem")),
                    new Node("pool", new Layer.GlobalAveragePool(), List.of("add")),
                    new Node("flatten", new Layer.Flatten(), List.of("pool")),
                    new Node("fc", new Layer.Linear(5, false), List.of("flatten"))));

    private final ModelState state = new Initializer(3).initialize(NETWORK);

    private static Node convolution(String name, String input, int outputs, int kernel) {
        return new Node(
                name,
                new Layer.Convolution(
                        outputs, Extent.of(kernel), Extent.of(1), Extent.of(kernel / 2), Extent.of(1), 1, false),
                List.of(input));
    }

    private GroupScores scores() {
        return GroupScores.of(NETWORK, state, new Criterion.L2());
    }

    @Test
    void aChannelIsDeadOnlyWhereEveryTensorThatHoldsItIsEmpty() {
        assertThat(scores().alive(INNER)).isEqualTo(16);
        fillOutput(INNER, 5, 1e-5f);
        assertThat(scores().alive(INNER)).isEqualTo(16);
        fillInput(READER, 5, -1e-5f);
        assertThat(scores().alive(INNER)).isEqualTo(15);
        assertThat(scores().channels(INNER)).isEqualTo(16);
    }

    @Test
    void aDeadChannelWeighsNothingAndGoesFirst() {
        fillOutput(INNER, 5, 0);
        fillInput(READER, 5, 0);
        GroupScores scores = scores();
        assertThat(scores.removed(INNER, 16)).isZero();
        assertThat(scores.removed(INNER, 15)).isZero();
        assertThat(scores.removed(INNER, 14)).isPositive();
        assertThat(scores.best(INNER, 15)).doesNotContain(5).hasSize(15).isSorted();
    }

    @Test
    void theBestAreThoseOfTheLargestNorms() {
        fillOutput(INNER, 3, 9);
        fillOutput(INNER, 11, 7);
        assertThat(scores().best(INNER, 2)).containsExactly(3, 11);
        assertThat(scores().best(INNER, 1)).containsExactly(3);
    }

    @Test
    void whatAllGroupsWeighTogetherIsOne() {
        Network chain = Zoo.network("vgg8", Optional.of(new Shape(3, 16, 16)), OptionalInt.of(4));
        GroupScores scores = GroupScores.of(chain, new Initializer(3).initialize(chain), new Criterion.L2());
        assertThat(scores.ids().stream()
                        .mapToDouble(id -> scores.removed(id, 0))
                        .sum())
                .isCloseTo(1, Offset.offset(1e-9));
        assertThat(scores().candidates(INNER, new int[] {4, 8, 16}).widths()).containsExactly(4, 8, 16);
    }

    @Test
    void removingABranchWeighsAllItsLayers() {
        ModelState ones = new Initializer(3).initialize(BOTTLENECK);
        ones.parameters().values().forEach(tensor -> Arrays.fill(tensor.data(), 1));
        GroupScores scores = GroupScores.of(BOTTLENECK, ones, new Criterion.L2());
        // Norms of filters, and of the slices that read them: 3 filters of 4 weights, read in 2 filters of 9, and so
        // on.
        double a = 3 * Math.sqrt(4) + 3 * Math.sqrt(2 * 9);
        double b = 2 * Math.sqrt(3 * 9) + 2 * Math.sqrt(4);
        double ends = 4 * Math.sqrt(3) + 4 * Math.sqrt(2);
        double rest = 4 * Math.sqrt(3 * 9) + 4 * Math.sqrt(5);
        double all = a + b + ends + rest;
        assertThat(scores.removed("a", 0)).isCloseTo((a + b + ends) / all, Offset.offset(1e-9));
        assertThat(scores.removed("b", 0)).isEqualTo(scores.removed("a", 0));
        assertThat(scores.removed("a", 1)).isCloseTo(a * 2 / 3 / all, Offset.offset(1e-9));
        assertThat(scores.candidates("a", new int[] {0, 1, 3}).removed())
                .containsExactly(scores.removed("a", 0), scores.removed("a", 1), 0);
    }

    /** Whatever its other layers hold, it adds a constant. */
    @Test
    void aBranchWithAnEmptyGroupWeighsNothing() {
        ModelState emptied = new Initializer(3).initialize(BOTTLENECK);
        Arrays.fill(emptied.parameter("b.weight").data(), 0);
        Arrays.fill(emptied.parameter("end.weight").data(), 0);
        GroupScores scores = GroupScores.of(BOTTLENECK, emptied, new Criterion.L2());
        assertThat(scores.alive("a")).isEqualTo(3);
        assertThat(scores.alive("b")).isZero();
        assertThat(scores.removed("a", 0)).isZero();
        assertThat(scores.removed("b", 0)).isZero();
        assertThat(scores.removed("a", 1)).isPositive();
    }

    @Test
    void zeroingLeavesItsArgumentAsItWas() {
        fillOutput(INNER, 5, 1e-5f);
        Map<String, HostTensor> before = new HashMap<>();
        state.parameters().forEach((name, tensor) -> before.put(name, tensor.copy()));
        ModelState zeroed = GroupScores.zeroEmptied(NETWORK, state);
        assertThat(state.parameters()).isEqualTo(before);
        HostTensor weight = zeroed.parameter(INNER + ".weight");
        int size = weight.data().length / 16;
        assertThat(Arrays.copyOfRange(weight.data(), 5 * size, 6 * size)).containsOnly(0);
        assertThat(weight.data()[0])
                .isEqualTo(state.parameter(INNER + ".weight").data()[0]);
        assertThat(zeroed.parameter(READER + ".weight")).isEqualTo(state.parameter(READER + ".weight"));
    }

    @Test
    void theMedianNormIsThatOfFiltersAndSlices() {
        state.parameters().forEach((name, tensor) -> {
            if (tensor.shape().length > 1) {
                Arrays.fill(tensor.data(), 0.5f);
            }
        });
        // Most slices of resnet8 are 3x3 kernels over 16 to 64 channels: between 0.5 * sqrt(144) and 0.5 * sqrt(576).
        assertThat(GroupScores.medianNorm(NETWORK, state)).isBetween(6.0, 12.0);
    }

    @Test
    void anUnknownGroupIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> scores().alive("nonesuch"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("nonesuch", INNER);
    }

    private void fillOutput(String node, int channel, float value) {
        HostTensor weight = state.parameter(node + ".weight");
        int size = weight.data().length / weight.shape()[0];
        Arrays.fill(weight.data(), channel * size, (channel + 1) * size, value);
        assertThat(Math.abs(value) < PruneTrainRule.THRESHOLD || value > 1).isTrue();
    }

    private void fillInput(String node, int channel, float value) {
        HostTensor weight = state.parameter(node + ".weight");
        int kernel = weight.shape()[2] * weight.shape()[3];
        for (int k = 0; k < weight.shape()[0]; k++) {
            int at = (k * weight.shape()[1] + channel) * kernel;
            Arrays.fill(weight.data(), at, at + kernel, value);
        }
    }
}
