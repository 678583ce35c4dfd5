package org.secateur.models.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.ChannelGroup.Use;
import org.secateur.models.core.graph.ChannelGroups.Held;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Extent;

class ChannelGroupsTest {

    @Test
    void aStageOfResnet20IsOneGroupAndEveryBlockHasItsOwn() {
        ChannelGroups groups = ChannelGroups.of(Zoo.network("resnet20"));
        assertThat(groups.prunable().stream().map(ChannelGroup::id))
                .containsExactly(
                        "conv1",
                        "layer1.0.conv1",
                        "layer1.1.conv1",
                        "layer1.2.conv1",
                        "layer2.0.shortcut",
                        "layer2.0.conv1",
                        "layer2.1.conv1",
                        "layer2.2.conv1",
                        "layer3.0.shortcut",
                        "layer3.0.conv1",
                        "layer3.1.conv1",
                        "layer3.2.conv1");
        ChannelGroup stage = groups.group("conv1");
        assertThat(stage.channels()).isEqualTo(16);
        assertThat(stage.producers().stream().map(Use::node))
                .containsExactly("conv1", "layer1.0.conv2", "layer1.1.conv2", "layer1.2.conv2");
        assertThat(stage.consumers().stream().map(Use::node))
                .containsExactly("layer1.0.conv1", "layer1.1.conv1", "layer1.2.conv1", "layer2.0.conv1");
        assertThat(stage.readers()).containsExactly(new Use("layer2.0.shortcut", 0, 1));
        assertThat(stage.writers()).isEmpty();
        assertThat(groups.group("layer2.0.shortcut").writers()).containsExactly(new Use("layer2.0.shortcut", 0, 1));
        assertThat(groups.of("layer3.2.relu2").stream().map(ChannelGroup::id)).containsExactly("layer3.0.shortcut");
        ChannelGroup inner = groups.group("layer1.1.conv1");
        assertThat(inner.nodes()).containsExactly("layer1.1.conv1", "layer1.1.bn1", "layer1.1.relu1");
        assertThat(inner.consumers()).containsExactly(new Use("layer1.1.conv2", 0, 1));
    }

    @Test
    void projectionsBelongToTheStageTheyOpen() {
        ChannelGroup stage = ChannelGroups.of(Zoo.network("resnet8-proj")).group("layer2.0.shortcut.0");
        assertThat(stage.producers().stream().map(Use::node)).containsExactly("layer2.0.shortcut.0", "layer2.0.conv2");
        assertThat(stage.consumers().stream().map(Use::node)).containsExactly("layer3.0.shortcut.0", "layer3.0.conv1");
    }

    @Test
    void theImageAndTheClassesAreNotPrunable() {
        List<ChannelGroup> groups = ChannelGroups.of(Zoo.network("resnet8")).groups();
        assertThat(groups.get(0)).satisfies(g -> {
            assertThat(g.id()).isEqualTo(Network.INPUT);
            assertThat(g.prunable()).isFalse();
            assertThat(g.reason()).isEqualTo("the image's planes");
        });
        assertThat(groups.get(groups.size() - 1)).satisfies(g -> {
            assertThat(g.id()).isEqualTo("fc");
            assertThat(g.prunable()).isFalse();
            assertThat(g.reason()).isEqualTo("the classifier's outputs");
        });
    }

    @Test
    void aFlattenExpandsChannelsToPixels() {
        ChannelGroups groups =
                ChannelGroups.of(Zoo.network("vgg8", Optional.of(new Shape(3, 40, 32)), OptionalInt.empty()));
        Use use = groups.group("features.16").consumers().get(0);
        assertThat(use).isEqualTo(new Use("classifier", 0, 4));
        assertThat(use.features(new int[] {0, 2})).containsExactly(0, 1, 2, 3, 8, 9, 10, 11);
    }

    @Test
    void branchesAreFoundWithTheGroupsThatKillThem() {
        Network network = Zoo.network("resnet8");
        assertThat(Branch.of(network, ChannelGroups.of(network)))
                .hasSize(3)
                .first()
                .isEqualTo(new Branch(
                        "layer1.0.add",
                        "layer1.0.bn2",
                        "relu",
                        List.of("layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu1", "layer1.0.conv2", "layer1.0.bn2"),
                        List.of("layer1.0.conv1")));
        Network bottlenecks = Patchwork.network();
        assertThat(Branch.of(bottlenecks, ChannelGroups.of(bottlenecks)))
                .extracting(Branch::groups)
                .containsExactly(List.of("block0.conv1", "block0.conv2"), List.of("block1.conv1", "block1.conv2"));
    }

    @Test
    void aConcatenationHoldsItsGroupsOneBehindTheOther() {
        ChannelGroups groups = groups(
                conv("a", 3, 1, Network.INPUT),
                conv("b", 5, 1, Network.INPUT),
                node("concat", new Layer.Concat(), "a", "b", "a"),
                node("flatten", new Layer.Flatten(), "concat"),
                node("fc", new Layer.Linear(4, true), "flatten"));
        assertThat(groups.held("concat"))
                .containsExactly(new Held("a", 0, 1), new Held("b", 3, 1), new Held("a", 8, 1));
        assertThat(groups.group("b").consumers()).containsExactly(new Use("fc", 3 * 35, 35));
        assertThat(groups.group("a").consumers()).containsExactly(new Use("fc", 0, 35), new Use("fc", 8 * 35, 35));
        assertThat(groups.of("concat").stream().map(ChannelGroup::id)).containsExactly("a", "b");
        assertThat(groups.features("flatten", id -> id.equals("a") ? 1 : 2)).isEqualTo(4 * 35);
    }

    @Test
    void aDepthwiseConvolutionPassesItsChannelsOn() {
        ChannelGroups groups = groups(
                conv("a", 3, 1, Network.INPUT),
                conv("depthwise", 6, 3, "a"),
                conv("b", 4, 1, "depthwise"),
                node("pool", new Layer.GlobalAveragePool(), "b"));
        ChannelGroup group = groups.group("a");
        assertThat(group.channels()).isEqualTo(3);
        assertThat(group.members()).containsExactly(new Use("depthwise", 0, 2));
        assertThat(group.consumers()).containsExactly(new Use("b", 0, 2));
    }

    @Test
    void theGroupsOfAConvolutionStayEquallyWide() {
        ChannelGroups groups = groups(
                conv("a", 6, 1, Network.INPUT),
                conv("grouped", 8, 2, "a"),
                conv("b", 4, 1, "grouped"),
                node("pool", new Layer.GlobalAveragePool(), "b"));
        assertThat(groups.held("a")).containsExactly(new Held("a", 0, 1), new Held("a", 3, 1));
        assertThat(groups.group("a").channels()).isEqualTo(3);
        assertThat(groups.group("grouped").producers())
                .containsExactly(new Use("grouped", 0, 1), new Use("grouped", 4, 1));
        assertThat(groups.group("grouped").consumers()).containsExactly(new Use("b", 0, 1), new Use("b", 4, 1));
    }

    @Test
    void aSumOfAConcatenationDividesItsOtherSummand() {
        ChannelGroups groups = groups(
                conv("a", 3, 1, Network.INPUT),
                conv("b", 5, 1, Network.INPUT),
                conv("c", 8, 1, Network.INPUT),
                node("concat", new Layer.Concat(), "a", "b"),
                node("sum", new Layer.Add(), "c", "concat"),
                node("pool", new Layer.GlobalAveragePool(), "sum"),
                node("fc", new Layer.Linear(4, true), "pool"));
        assertThat(groups.held("c")).containsExactly(new Held("a", 0, 1), new Held("b", 3, 1));
        assertThat(groups.group("b").producers()).containsExactly(new Use("b", 0, 1), new Use("c", 3, 1));
    }

    @Test
    void partsOfOneMakerAreNumbered() {
        ChannelGroups groups = groups(
                conv("c", 8, 1, Network.INPUT),
                conv("a", 3, 1, Network.INPUT),
                conv("b", 5, 1, Network.INPUT),
                node("concat", new Layer.Concat(), "a", "b"),
                node("sum", new Layer.Add(), "c", "concat"),
                node("pool", new Layer.GlobalAveragePool(), "sum"),
                node("fc", new Layer.Linear(4, true), "pool"));
        assertThat(groups.prunable().stream().map(ChannelGroup::id)).containsExactly("c", "c#1");
        assertThat(groups.held("concat")).containsExactly(new Held("c", 0, 1), new Held("c#1", 3, 1));
    }

    @Test
    void whatCannotBeTiedMustStay() {
        ChannelGroups sum = groups(
                conv("a", 2, 1, Network.INPUT),
                node("flatten", new Layer.Flatten(), "a"),
                node("vector", new Layer.Linear(70, true), "flatten"),
                node("sum", new Layer.Add(), "flatten", "vector"),
                node("fc", new Layer.Linear(4, true), "sum"));
        assertThat(sum.prunable()).isEmpty();
        assertThat(sum.group("vector").reason()).contains("a sum of tensors whose channels do not match");
        ChannelGroups cut = groups(
                conv("a", 3, 1, Network.INPUT),
                conv("depthwise", 6, 3, "a"),
                conv("grouped", 8, 2, "depthwise"),
                node("pool", new Layer.GlobalAveragePool(), "grouped"),
                node("fc", new Layer.Linear(4, true), "pool"));
        assertThat(cut.group("a").reason()).contains("cut");
        assertThat(cut.group("grouped").prunable()).isTrue();
    }

    @Test
    void aPathBesideAGroupKeepsItsBranchAlive() {
        Node[] nodes = {
            conv("stem", 6, 1, Network.INPUT),
            conv("left", 4, 1, "stem"),
            conv("right", 2, 1, "stem"),
            node("concat", new Layer.Concat(), "left", "right"),
            conv("inner", 3, 1, "concat"),
            conv("end", 6, 1, "inner"),
            node("add", new Layer.Add(), "end", "stem"),
            node("pool", new Layer.GlobalAveragePool(), "add"),
            node("fc", new Layer.Linear(4, true), "pool")
        };
        Network network = new Network("small", new Shape(4, 7, 5), 4, List.of(nodes));
        assertThat(Branch.of(network, ChannelGroups.of(network)))
                .singleElement()
                .satisfies(branch -> assertThat(branch.groups()).containsExactly("inner"));
    }

    private static ChannelGroups groups(Node... nodes) {
        return ChannelGroups.of(new Network("small", new Shape(4, 7, 5), 4, List.of(nodes)));
    }

    private static Node conv(String name, int outputs, int groups, String input) {
        return node(
                name,
                new Layer.Convolution(outputs, Extent.of(1), Extent.of(1), Extent.of(0), Extent.of(1), groups, false),
                input);
    }

    private static Node node(String name, Layer layer, String... inputs) {
        return new Node(name, layer, List.of(inputs));
    }
}
