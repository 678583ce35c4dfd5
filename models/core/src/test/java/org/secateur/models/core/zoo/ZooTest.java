package org.secateur.models.core.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;

class ZooTest {

    @ParameterizedTest
    @MethodSource("org.secateur.models.core.zoo.Zoo#names")
    void everyNameGivesANetworkOfThatName(String name) {
        assertThat(Zoo.network(name)).satisfies(network -> {
            assertThat(network.name()).isEqualTo(name);
            assertThat(network.input()).isEqualTo(new Shape(3, 32, 32));
            assertThat(network.classes()).isEqualTo(10);
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
    void smallGreyImagesFitTheCifarForms() {
        for (String name : new String[] {"resnet8", "resnet110", "resnet20-proj", "vgg8"}) {
            Network network = Zoo.network(name, Optional.of(new Shape(1, 28, 28)), OptionalInt.of(7));
            assertThat(network.classes()).isEqualTo(7);
        }
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
