package org.secateur.models.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.Surgery.Shrunk;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.Operand;

class SurgeryTest {
    private static final Network RESNET = Zoo.network("resnet8", Optional.of(new Shape(3, 8, 8)), OptionalInt.of(4));

    @Test
    void momentumAndParametersKeepTheSameSlices() {
        ModelState state = numbered(RESNET);
        Shrunk shrunk = Surgery.shrink(
                RESNET, state, Map.of("conv1", new int[] {1, 4, 9}, "layer1.0.conv1", new int[] {0, 15}));
        HostTensor weight = shrunk.state().parameter("layer1.0.conv2.weight");
        assertThat(weight)
                .isEqualTo(state.parameter("layer1.0.conv2.weight")
                        .select(0, new int[] {1, 4, 9})
                        .select(1, new int[] {0, 15}));
        assertThat(shrunk.state().momentum().keySet())
                .isEqualTo(shrunk.state().parameters().keySet());
        shrunk.state()
                .momentum()
                .forEach((name, tensor) ->
                        assertThat(tensor).as(name).isEqualTo(shrunk.state().parameter(name)));
        assertThat(shrunk.state().parameter("bn1.weight").data()).containsExactly(1, 4, 9);
        assertThat(shrunk.state().buffer("layer1.0.bn2.running_var").data()).containsExactly(1, 4, 9);
        assertThat(shrunk.state().parameter("conv1.weight").shape()).containsExactly(3, 3, 3, 3);
    }

    @Test
    void anIndexMapIsReindexedAndARemovedSourceBecomesZero() {
        int[] withoutFirst = IntStream.range(1, 16).toArray();
        Network shrunk =
                Surgery.shrink(RESNET, Map.of("conv1", withoutFirst, "layer2.0.shortcut", new int[] {0, 8, 9, 23, 24}));
        assertThat(shrunk.node("layer2.0.shortcut").orElseThrow().layer())
                .isEqualTo(new Layer.IndexMap(List.of(-1, -1, 0, 14, -1), Extent.of(2)));
    }

    @Test
    void aDeadBranchLeavesItsShiftInPlaceOfTheAddition() {
        ModelState state = numbered(RESNET);
        zero(state.parameter("layer1.0.conv2.weight"));
        Shrunk shrunk = Surgery.shrink(RESNET, state, Map.of("layer1.0.conv1", new int[0]));
        assertThat(shrunk.network().node("layer1.0.add").orElseThrow())
                .isEqualTo(new Node("layer1.0.add", new Layer.Shift(Operand.CHANNEL), List.of("relu")));
        assertThat(shrunk.network().nodes().stream().map(Node::name))
                .doesNotContain("layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu1", "layer1.0.conv2", "layer1.0.bn2");
        assertThat(shrunk.state().parameters().keySet()).noneMatch(name -> name.startsWith("layer1.0"));
        float[] shift = shrunk.state().buffer("layer1.0.add.shift").data();
        for (int c = 0; c < 16; c++) {
            double expected = c * (0 - c) / Math.sqrt(c + 1e-5) + c;
            assertThat(shift[c]).isEqualTo((float) expected);
        }
    }

    @Test
    void aPaddedDeadBranchLeavesAMap() {
        ModelState state = numbered(RESNET);
        zero(state.parameter("layer1.0.conv1.weight"));
        Arrays.fill(state.parameter("layer1.0.bn1.bias").data(), 100);
        Shrunk shrunk = Surgery.shrink(RESNET, state, Map.of("layer1.0.conv1", new int[0]));
        assertThat(shrunk.state().buffer("layer1.0.add.shift").shape()).containsExactly(16, 8, 8);
    }

    @Test
    void aConstantOfZeroLeavesNoNode() {
        ModelState state = numbered(RESNET);
        zero(state.parameter("layer1.0.bn2.weight"));
        zero(state.parameter("layer1.0.bn2.bias"));
        Shrunk shrunk = Surgery.shrink(RESNET, state, Map.of("layer1.0.conv1", new int[0]));
        assertThat(shrunk.network().node("layer1.0.add")).isEmpty();
        assertThat(shrunk.network().node("layer1.0.relu2").orElseThrow().inputs())
                .containsExactly("relu");
        assertThat(Surgery.shrink(RESNET, Map.of("layer1.0.conv1", new int[0]))).isEqualTo(shrunk.network());
    }

    @Test
    void aPaddedConvolutionGetsOneShiftHoweverOftenItLosesChannels() {
        ModelState state = numbered(RESNET);
        Network network = RESNET;
        for (int round = 0; round < 3; round++) {
            HostTensor weight = state.parameter("layer1.0.conv1.weight");
            Masking.zero(weight, 0);
            state.parameter("layer1.0.bn1.bias").data()[0] = 100;
            int[] rest = IntStream.range(1, weight.shape()[0]).toArray();
            Shrunk shrunk = Surgery.shrink(network, state, Map.of("layer1.0.conv1", rest));
            network = shrunk.network();
            state = shrunk.state();
        }
        assertThat(network.nodes().stream().filter(n -> n.layer() instanceof Layer.Shift))
                .containsExactly(
                        new Node("layer1.0.conv2.offset", new Layer.Shift(Operand.MAP), List.of("layer1.0.conv2")));
        assertThat(state.buffers()).containsKey("layer1.0.conv2.offset.shift");
    }

    @Test
    void theArgumentsAreNotTouched() {
        ModelState state = numbered(RESNET);
        zero(state.parameter("conv1.weight"));
        Surgery.shrink(RESNET, state, Map.of("conv1", new int[] {3}));
        ModelState same = numbered(RESNET);
        zero(same.parameter("conv1.weight"));
        assertThat(state).isEqualTo(same);
    }

    @Test
    void impossibleChoicesAreRefused() {
        assertRefused("no channel group layer9", "layer9");
        assertRefused("only a branch's inner group may be", "conv1");
        assertRefused("the classifier's outputs", "fc", 0);
        assertRefused("the image's planes", Network.INPUT, 0);
        assertRefused("expected ascending channels of 0..15", "conv1", 1, 1);
        assertRefused("expected ascending channels of 0..15", "conv1", 16);
        assertRefused("expected ascending channels of 0..15", "conv1", -1);
    }

    private static void assertRefused(String message, String group, int... kept) {
        assertThatThrownBy(() -> Surgery.shrink(RESNET, Map.of(group, kept)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    /** Every vector counts from zero; momentum equals the parameters. */
    private static ModelState numbered(Network network) {
        ModelState state = new Initializer(1).initialize(network);
        Map<String, HostTensor> momentum = new HashMap<>();
        state.parameters().forEach((name, tensor) -> {
            if (tensor.shape().length == 1) {
                number(tensor);
            }
            momentum.put(name, tensor.copy());
        });
        state.buffers().values().forEach(SurgeryTest::number);
        return new ModelState(state.parameters(), momentum, state.buffers());
    }

    private static void number(HostTensor vector) {
        for (int i = 0; i < vector.data().length; i++) {
            vector.data()[i] = i;
        }
    }

    private static void zero(HostTensor tensor) {
        Arrays.fill(tensor.data(), 0);
    }
}
