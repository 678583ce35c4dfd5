package org.secateur.models.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.PoolingKind;

class ShapesTest {
    private static final Layer.GlobalAveragePool POOL = new Layer.GlobalAveragePool();

    @Test
    void shapesOfResnet20() {
        Map<String, Shape> shapes = Shapes.of(Zoo.network("resnet20"));
        assertThat(shapes.get(Network.INPUT)).isEqualTo(new Shape(3, 32, 32));
        assertThat(shapes.get("conv1")).isEqualTo(new Shape(16, 32, 32));
        assertThat(shapes.get("layer2.0.shortcut")).isEqualTo(new Shape(32, 16, 16));
        assertThat(shapes.get("layer3.2.add")).isEqualTo(new Shape(64, 8, 8));
        assertThat(shapes.get("fc")).isEqualTo(new Shape(10, 1, 1));
    }

    @Test
    void oddSizesAgreeAtOptionAShortcuts() {
        Network network = Zoo.network("resnet20", Optional.of(new Shape(1, 27, 13)), OptionalInt.of(3));
        assertThat(Shapes.of(network).get("layer3.0.add")).isEqualTo(new Shape(64, 7, 4));
    }

    @Test
    void aSizeBelowOneNamesTheNode() {
        assertThatThrownBy(() -> Zoo.network("vgg11", Optional.of(new Shape(1, 28, 28)), OptionalInt.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node features.28")
                .hasMessageContaining("512x1x1");
    }

    @Test
    void aWrongNumberOfClassesNamesTheLastNode() {
        assertRefused("node pool", 4, new Node("pool", POOL, List.of(Network.INPUT)));
    }

    @Test
    void disagreeingSummandsNameTheAdd() {
        Node half = new Node("half", new Layer.IndexMap(List.of(0), Extent.of(1)), List.of(Network.INPUT));
        Node sum = new Node("sum", new Layer.Add(), List.of("half", Network.INPUT));
        assertRefused("node sum", 3, half, sum);
    }

    @Test
    void anIndexMapThatReadsAMissingChannelIsNamed() {
        Node map = new Node("map", new Layer.IndexMap(List.of(0, 3), Extent.of(1)), List.of(Network.INPUT));
        assertRefused("node map: source 3", 3, map);
    }

    /** Of an image smaller than the distance between neighbours a window could hold no pixel at all. */
    @Test
    void dilationsBeyondTheImageOrOfMeansAreNamed() {
        Extent one = Extent.of(1);
        Layer wide = new Layer.Pooling(PoolingKind.MAX, Extent.of(2), one, one, true, new Extent(1, 1 << 10));
        assertRefused("node pool: dilation 1,1024", 3, new Node("pool", wide, List.of(Network.INPUT)));
        Layer mean = new Layer.Pooling(PoolingKind.AVERAGE, Extent.of(2), one, one, false, Extent.of(2));
        assertRefused("node pool: dilation 2,2", 3, new Node("pool", mean, List.of(Network.INPUT)));
    }

    @Test
    void aPadIsAsLargeAsItSays() {
        Layer pad = new Layer.Pad(new Extent(0, 1), new Extent(2, 3), 0);
        assertThat(Shapes.output("pad", pad, List.of(new Shape(3, 5, 6)))).isEqualTo(new Shape(3, 7, 10));
        Layer huge = new Layer.Pad(Extent.of(1 << 20), Extent.of(1 << 20), 0);
        assertRefused("node pad: it pads", 3, new Node("pad", huge, List.of(Network.INPUT)));
    }

    @Test
    void aLinearLayerOnPixelsIsNamed() {
        assertRefused("node fc", 3, new Node("fc", new Layer.Linear(3, true), List.of(Network.INPUT)));
    }

    @Test
    void groupsThatDoNotDivideTheChannelsAreNamed() {
        Layer convolution = new Layer.Convolution(4, Extent.of(1), Extent.of(1), Extent.of(0), Extent.of(1), 2, false);
        assertRefused("node conv", 4, new Node("conv", convolution, List.of(Network.INPUT)));
    }

    @Test
    void anAddOfOneTensorIsNamed() {
        assertRefused("node sum", 3, new Node("sum", new Layer.Add(), List.of(Network.INPUT)));
    }

    private static void assertRefused(String message, int classes, Node... nodes) {
        Network network = new Network("small", new Shape(3, 8, 8), classes, List.of(nodes));
        assertThatThrownBy(() -> Shapes.of(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
