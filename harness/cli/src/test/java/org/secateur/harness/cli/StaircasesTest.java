package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;

final class StaircasesTest {
    private static final Extent ONE = Extent.of(1);

    @Test
    void theHeaviestConvolutionComesFirstAtEightWidths() {
        List<Convolution> convolutions = convolutions(
                layer("light", new Convolution(32, 3, 8, 8, 64, 3, 3, ONE, ONE, ONE, 1), 64),
                layer("heavy", new Convolution(32, 256, 8, 8, 256, 3, 3, ONE, ONE, ONE, 1), 256));
        assertThat(convolutions).extracting(Convolution::k).startsWith(32, 64, 96, 128, 160, 192, 224, 256, 8);
        assertThat(convolutions.subList(0, 8)).extracting(Convolution::c).containsOnly(256);
    }

    @Test
    void whatPruningLeftOfTheLayersIsMeasuredToo() {
        Convolution convolution = new Convolution(8, 3, 32, 32, 16, 3, 3, ONE, ONE, ONE, 1);
        assertThat(convolutions(layer("a", convolution, 5), layer("b", convolution, 8), layer("gone", convolution, 0)))
                .extracting(Convolution::k)
                .containsExactly(2, 4, 5, 6, 8, 10, 12, 14, 16);
    }

    @Test
    void convolutionsInGroupsAreLeftOut() {
        assertThat(convolutions(layer("depthwise", new Convolution(8, 16, 9, 9, 16, 3, 3, ONE, ONE, ONE, 16), 16)))
                .isEmpty();
    }

    private static List<Convolution> convolutions(ConvolutionLayer... layers) {
        return Staircases.workloads(List.of(layers)).stream()
                .map(workload -> (Convolution) workload.operation())
                .toList();
    }

    private static ConvolutionLayer layer(String name, Convolution convolution, int pruned) {
        return new ConvolutionLayer(name, Workload.of(convolution, Pass.FORWARD), convolution.k(), pruned);
    }
}
