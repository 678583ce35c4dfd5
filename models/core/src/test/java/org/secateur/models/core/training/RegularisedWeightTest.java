package org.secateur.models.core.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.pruning.ChannelSlices;
import org.secateur.models.core.zoo.Zoo;

class RegularisedWeightTest {
    @Test
    void theImageAndTheClassesAreNotRegularised() {
        List<RegularisedWeight> weights = RegularisedWeight.of(network("resnet8"));
        assertThat(weights).extracting(RegularisedWeight::name).hasSize(8).startsWith("conv1.weight");
        assertThat(weights.getFirst()).isEqualTo(new RegularisedWeight("conv1.weight", 1, 16, 3, 9, false, true));
        assertThat(weights.getLast()).isEqualTo(new RegularisedWeight("fc.weight", 1, 4, 64, 1, true, false));
        assertThat(weights.subList(1, 7)).allMatch(w -> w.byInput() && w.byOutput());
    }

    @Test
    void depthwiseKernelsAreLeftOut() {
        assertThat(RegularisedWeight.of(Zoo.network("mobilenetv1")))
                .isNotEmpty()
                .allMatch(weight -> weight.groups() == 1);
    }

    /** Two groups of a convolution, of six outputs and four input channels with three weights each. */
    @Test
    void slicesCoverEachElementOnceForOutputsAndOnceForInputs() {
        RegularisedWeight weight = new RegularisedWeight("w", 2, 6, 4, 3, true, true);
        float[] ones = new float[6 * 2 * 3];
        java.util.Arrays.fill(ones, 1);
        List<ChannelSlices> slices = weight.slices(ones);
        assertThat(slices).extracting(ChannelSlices::channels).containsExactly(6, 2, 2);
        assertThat(slices.get(0).squares(5)).isEqualTo(2 * 3);
        for (ChannelSlices inputs : slices.subList(1, 3)) {
            assertThat(inputs.squares(0)).isEqualTo(3 * 3);
            assertThat(inputs.squares(1)).isEqualTo(3 * 3);
        }
        slices.get(1).zero(0);
        slices.get(1).zero(1);
        assertThat(slices.get(2).squares(0)).isEqualTo(3 * 3);
        assertThat(slices.get(0).squares(2)).isZero();
        assertThat(slices.get(0).squares(3)).isEqualTo(2 * 3);
    }

    private static Network network(String name) {
        return Zoo.network(name, Optional.of(new Shape(3, 8, 8)), OptionalInt.of(4));
    }
}
