package org.secateur.models.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.ChannelGroup.Use;
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
        assertThat(groups.of("layer3.2.relu2").id()).isEqualTo("layer3.0.shortcut");
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
    void whatIsNotSupportedIsNamed() {
        Layer depthwise = new Layer.Convolution(4, Extent.of(1), Extent.of(1), Extent.of(0), Extent.of(1), 4, false);
        assertRefused(new Node("depthwise", depthwise, List.of(Network.INPUT)));
        assertRefused(new Node("concat", new Layer.Concat(), List.of(Network.INPUT)));
    }

    private static void assertRefused(Node node) {
        Network network = new Network("small", new Shape(4, 1, 1), 4, List.of(node));
        assertThatThrownBy(() -> ChannelGroups.of(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node " + node.name())
                .hasMessageContaining("not supported");
    }
}
