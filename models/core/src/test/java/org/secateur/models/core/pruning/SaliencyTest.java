package org.secateur.models.core.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SaliencyTest {
    /** Without the dead channel the scores sum to 10. */
    private static final Saliency SALIENCY = new Saliency(
            List.of(new double[] {1, 3, 3, 7}, new double[] {2, 1}),
            List.of(new boolean[] {false, false, false, true}, new boolean[] {false, false}));

    @Test
    void sharesSumToOneAndDeadChannelsWeighNothing() {
        assertThat(SALIENCY.removed(0, 0)).isCloseTo(0.7, within(1e-12));
        assertThat(SALIENCY.removed(0, 3)).isZero();
        assertThat(SALIENCY.removed(1, 1)).isCloseTo(0.1, within(1e-12));
        assertThat(SALIENCY.removed(0, 0) + SALIENCY.removed(1, 0)).isCloseTo(1, within(1e-12));
    }

    @Test
    void channelsAreOrderedBySaliencyAndEqualOnesByIndex() {
        assertThat(SALIENCY.kept(0, 1)).containsExactly(1);
        assertThat(SALIENCY.kept(0, 2)).containsExactly(1, 2);
        assertThat(SALIENCY.live(0)).isEqualTo(3);
        assertThat(SALIENCY.kept(0, 3)).containsExactly(0, 1, 2);
        assertThat(SALIENCY.removed(0, 4)).isZero();
        assertThat(SALIENCY.removed(0, 1)).isCloseTo(0.4, within(1e-12));
    }

    @Test
    void aLiveChannelWithoutScoreComesBeforeADeadOne() {
        Saliency saliency = new Saliency(List.of(new double[] {5, 0}), List.of(new boolean[] {true, false}));

        assertThat(saliency.kept(0, 1)).containsExactly(1);
        assertThat(saliency.removed(0, 0)).isZero();
    }

    @Test
    void impossibleScoresAreRefused() {
        assertThatThrownBy(() -> new Saliency(List.of(new double[] {-1}), List.of(new boolean[1])))
                .hasMessageContaining("score -1.0 of channel 0");
        assertThatThrownBy(() -> new Saliency(List.of(new double[] {Double.NaN}), List.of(new boolean[1])))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> SALIENCY.removed(0, 5)).hasMessageContaining("expected 0 to 4");
    }

    @Test
    void theL2CriterionSumsTheNormsOfAChannelsTensors() {
        // Two channels: filters (3, 4) and (0, 1); read by two outputs, channel 0 as 6 and 8, channel 1 as 0 and 2.
        ChannelSlices filters = ChannelSlices.producer("a", new float[] {3, 4, 0, 1}, 2);
        ChannelSlices readers = ChannelSlices.consumer("b", new float[] {6, 0, 8, 2}, 2, 2, 1);

        assertThat(new Criterion.L2().scores(0, List.of(filters, readers))).containsExactly(15, 3);
    }

    @Test
    void randomScoresDependOnSeedAndGroupOnly() {
        List<ChannelSlices> members = List.of(ChannelSlices.producer("a", new float[8], 8));

        assertThat(new Criterion.Random(1).scores(2, members)).isEqualTo(new Criterion.Random(1).scores(2, members));
        assertThat(new Criterion.Random(1).scores(2, members)).isNotEqualTo(new Criterion.Random(1).scores(3, members));
        assertThat(new Criterion.Random(1).scores(2, members)).isNotEqualTo(new Criterion.Random(2).scores(2, members));
    }
}
