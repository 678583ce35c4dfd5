package org.secateur.models.core.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;

class ZooTest {

    @ParameterizedTest
    @MethodSource("org.secateur.models.core.zoo.Zoo#names")
    void everyNameGivesANetworkOfThatName(String name) {
        assertThat(Zoo.network(name)).satisfies(network -> {
            assertThat(network.name()).isEqualTo(name);
            boolean large = network.classes() == 1000;
            assertThat(network.input()).isEqualTo(large ? new Shape(3, 224, 224) : new Shape(3, 32, 32));
            assertThat(large || network.classes() == 10).isTrue();
        });
    }

    @Test
    void anUnknownNameSuggestsTheNearestAndListsTheRest() {
        assertThatThrownBy(() -> Zoo.network("resnt20"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"resnt20\": did you mean resnet20?")
                .hasMessageContaining("vgg16-nobn");
    }

    @Test
    void smallGreyImagesFitAllButTheDeepestPools() {
        Set<String> tooSmall = new TreeSet<>();
        for (String name : Zoo.names()) {
            try {
                Network network = Zoo.network(name, Optional.of(new Shape(1, 28, 28)), OptionalInt.of(7));
                assertThat(network.classes()).isEqualTo(7);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("a larger image is needed");
                tooSmall.add(name.replace("-nobn", ""));
            }
        }
        assertThat(tooSmall).containsExactly("alexnet", "densenet121", "vgg11", "vgg13", "vgg16", "vgg19");
    }

    @Test
    void poolsThatRoundUpGiveGoogLeNetItsPublishedSizes() {
        Map<String, Shape> shapes = Shapes.of(Zoo.network("googlenet"));
        assertThat(shapes.get("maxpool1")).isEqualTo(new Shape(64, 56, 56));
        assertThat(shapes.get("inception3b")).isEqualTo(new Shape(480, 28, 28));
        assertThat(shapes.get("inception4e")).isEqualTo(new Shape(832, 14, 14));
        assertThat(shapes.get("inception5b")).isEqualTo(new Shape(1024, 7, 7));
    }

    @Test
    void everyNetworksGroupsCoverItsChannels() {
        for (String name : Zoo.names()) {
            Network network = Zoo.network(name);
            ChannelGroups groups = ChannelGroups.of(network);
            Map<String, Shape> shapes = Shapes.of(network);
            shapes.forEach((tensor, shape) -> assertThat(
                            groups.features(tensor, id -> groups.group(id).channels()))
                    .as(name + " " + tensor)
                    .isEqualTo(shape.channels()));
            assertThat(groups.groups().stream().filter(g -> !g.prunable()).map(ChannelGroup::reason))
                    .as(name)
                    .containsExactly("the image's planes", "the classifier's outputs");
        }
    }

    @Test
    void theGroupsOfPublishedNetworksAreTheirStagesAndBlocks() {
        assertThat(prunable("preresnet164"))
                .contains("conv1", "layer1.0.shortcut", "layer1.0.conv1", "layer2.0.shortcut")
                .doesNotContain("layer1.1.conv3")
                .hasSize(112);
        assertThat(prunable("mobilenetv2"))
                .contains("features.0.0", "features.1.conv.1", "features.2.conv.0.0", "features.2.conv.2")
                .doesNotContain("features.1.conv.0.0", "features.2.conv.1.0", "features.3.conv.2");
        assertThat(prunable("densenet40")).hasSize(1 + 3 * 12 + 2);
        assertThat(prunable("googlenet")).hasSize(3 + 9 * 6);
    }

    private static List<String> prunable(String name) {
        return ChannelGroups.of(Zoo.network(name)).prunable().stream()
                .map(ChannelGroup::id)
                .toList();
    }

    @Test
    void noClassesAreRefused() {
        assertThatThrownBy(() -> Zoo.network("resnet8", Optional.empty(), OptionalInt.of(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 classes");
    }

    @Test
    void nodesCarryPytorchsNames() {
        assertThat(Zoo.network("resnet8").nodes().stream().map(Node::name))
                .containsSubsequence(
                        "conv1",
                        "bn1",
                        "layer1.0.conv1",
                        "layer1.0.bn1",
                        "layer1.0.conv2",
                        "layer1.0.bn2",
                        "layer1.0.add",
                        "layer2.0.shortcut",
                        "layer2.0.add",
                        "avgpool",
                        "fc");
        assertThat(Zoo.network("resnet8-proj").node("layer2.0.shortcut.1")).isPresent();
        assertThat(Zoo.network("vgg11-nobn").node("features.18").map(Node::layer))
                .isEqualTo(Zoo.network("vgg11").node("features.25").map(Node::layer))
                .isPresent();
        assertThat(Zoo.network("vgg11", Optional.of(new Shape(3, 224, 224)), OptionalInt.empty())
                        .output()
                        .name())
                .isEqualTo("classifier.6");
    }
}
