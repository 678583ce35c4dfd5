package org.secateur.models.core.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PruneTrainRuleTest {
    /** Just below and just above the threshold. */
    private static final float TINY = 0.9e-4f;

    private static final float DENSE = 1.1e-4f;

    @Test
    void aChannelStaysIfItIsDenseOnEitherSide() {
        // Channel 0 is dense in its filter only, 1 where it is read only, 2 on both sides, 3 on neither.
        ChannelSlices filters =
                ChannelSlices.producer("conv1", new float[] {0, DENSE, TINY, 0, -DENSE, 1, 0, -TINY}, 4);
        // Two outputs read four channels of two features each, as a linear layer does behind a flatten.
        ChannelSlices readers = ChannelSlices.consumer(
                "fc", new float[] {0, 0, 0, 0, 1, 1, TINY, 0, TINY, 0, 0, -DENSE, 0, 0, 0, 0}, 2, 4, 2);

        assertThat(PruneTrainRule.dense(filters)).containsExactly(true, false, true, false);
        assertThat(PruneTrainRule.dense(readers)).containsExactly(false, true, true, false);
        assertThat(PruneTrainRule.keep(List.of(filters, readers))).containsExactly(true, true, true, false);
    }

    @Test
    void aStageIsTheUnionOfAllThatWriteAndReadIt() {
        ChannelSlices stem = ChannelSlices.producer("stem", new float[] {1, 0, 0, 0}, 4);
        ChannelSlices block = ChannelSlices.producer("block.conv2", new float[] {0, 1, 0, 0}, 4);
        ChannelSlices reader = ChannelSlices.consumer("next.conv1", new float[] {0, 0, 1, 0}, 1, 4, 1);

        assertThat(PruneTrainRule.keep(List.of(stem, block, reader))).containsExactly(true, true, true, false);
    }

    @Test
    void tinyChannelsBecomeExactlyZeroAndOthersStay() {
        float[] weights = {TINY, -TINY, TINY, -1};

        assertThat(PruneTrainRule.zero(ChannelSlices.producer("a", weights, 2))).isEqualTo(1);
        assertThat(weights).containsExactly(0, 0, TINY, -1);
        // Column 0 is now (0, TINY), column 1 (0, -1).
        assertThat(PruneTrainRule.zero(ChannelSlices.consumer("a", weights, 2, 2, 1)))
                .isEqualTo(1);
        assertThat(weights).containsExactly(0, 0, 0, -1);
    }

    @Test
    void aGroupBehindAConcatenationTouchesItsOwnSlicesOnly() {
        float[] weights = {1, 2, TINY, 3, 4, 5, 0, 6};
        ChannelSlices second = ChannelSlices.consumer("a", weights, 2, 4, 1, 2, 2, 1);

        assertThat(PruneTrainRule.dense(second)).containsExactly(false, true);
        PruneTrainRule.zero(second);
        assertThat(weights).containsExactly(1, 2, 0, 3, 4, 5, 0, 6);
    }

    @Test
    void aWeightThatIsNotANumberIsNeverPrunedAway() {
        assertThat(PruneTrainRule.dense(ChannelSlices.producer("a", new float[] {Float.NaN, 0}, 2)))
                .containsExactly(true, false);
    }

    @Test
    void membersOfDifferentSizeAreRefused() {
        ChannelSlices two = ChannelSlices.producer("two", new float[2], 2);
        ChannelSlices three = ChannelSlices.producer("three", new float[3], 3);

        assertThatThrownBy(() -> PruneTrainRule.keep(List.of(two, three))).hasMessageContaining("three has 3 channels");
        assertThatThrownBy(() -> ChannelSlices.consumer("c", new float[7], 2, 2, 1))
                .hasMessageContaining("7 elements");
    }

    @Test
    void thePenaltySumsTheNormsOfInputsAndOutputs() {
        // Rows (3, 4) and (0, 0); columns (3, 0) and (4, 0). A zero row costs sqrt(1e-8).
        float[] weights = {3, 4, 0, 0};
        List<ChannelSlices> sets =
                List.of(ChannelSlices.producer("a", weights, 2), ChannelSlices.consumer("a", weights, 2, 2, 1));

        assertThat(GroupLassoRule.penalty(sets)).isCloseTo(5 + 1e-4 + 3 + 4, within(1e-7));
        assertThat(GroupLassoRule.medianNorm(sets)).isEqualTo(4);
    }

    @Test
    void lambdaByRatioMakesThePenaltyThatShareOfTheLoss() {
        double lambda = GroupLassoRule.lambdaByRatio(0.2, 2.3, 100);

        // 0.2 * 2.3 / (0.8 * 100)
        assertThat(lambda).isCloseTo(0.00575, within(1e-12));
        assertThat(GroupLassoRule.ratio(lambda, 2.3, 100)).isCloseTo(0.2, within(1e-12));
        assertThat(GroupLassoRule.ratio(0, 0, 100)).isZero();
    }

    @Test
    void lambdaByStepsCarriesTheNormToZeroAtTheEndOfThePath() {
        // 250 steps of rate 0.1 with momentum 0.9: both axes pull by 1 in each.
        double path = GroupLassoRule.path(step -> 0.1, 0.9, 250);
        assertThat(path).isCloseTo(500, within(1e-9));
        double lambda = GroupLassoRule.lambdaBySteps(0.5, path);

        assertThat(lambda).isCloseTo(0.001, within(1e-12));
        assertThat(GroupLassoRule.stepsToZero(1.001 * lambda, 0.5, step -> 0.1, 0.9, 1000))
                .hasValue(250);
        assertThat(GroupLassoRule.stepsToZero(0.999 * lambda, 0.5, step -> 0.1, 0.9, 250))
                .isEmpty();
        // A rate that rises with the step: 0, 0.1, 0.2, 0.3 pull by 0, 2, 4 and 6.
        assertThat(GroupLassoRule.path(step -> 0.1 * (double) step, 0.9, 4)).isCloseTo(12, within(1e-9));
        assertThat(GroupLassoRule.stepsToZero(1, 5, step -> 0.1 * (double) step, 0.9, 4))
                .hasValue(3);
    }

    @Test
    void thePublishedRatioNeedsHundredsOfStepsForAMedianFilterOfResnet20() {
        List<ChannelSlices> sets = resnet20(new Random(1));
        double norm = GroupLassoRule.medianNorm(sets);
        double penalty = GroupLassoRule.penalty(sets);

        // Uniform weights within 1 / sqrt(inputs) have a variance of 1 / (3 inputs), so a filter's norm is 1 / sqrt(3).
        assertThat(norm).isCloseTo(0.577, within(0.01));
        // 688 filters and 576 inputs of 0.577, 48 inputs of stages' first layers of 0.816, 64 of the classifier of
        // 0.228.
        assertThat(penalty).isCloseTo(783.6, within(8.0));
        double lambda = GroupLassoRule.lambdaByRatio(0.2, Math.log(10), penalty);
        assertThat(lambda).isCloseTo(7.35e-4, within(1e-5));
        // 0.577 / 7.35e-4 / 2, a step of rate 0.1 and momentum 0.9 having a length of 1 on both axes.
        assertThat(GroupLassoRule.stepsToZero(lambda, norm, step -> 0.1, 0.9, 10_000)
                        .orElseThrow())
                .isBetween(382L, 402L);
        assertThat(GroupLassoRule.stepsToZero(lambda, norm, step -> 0.1, 0, 10_000)
                        .orElseThrow())
                .isBetween(3825L, 4025L);
    }

    @Test
    void impossibleRatiosAreRefused() {
        assertThatThrownBy(() -> GroupLassoRule.lambdaByRatio(1, 2.3, 100)).hasMessageContaining("penalty ratio 1.0");
        assertThatThrownBy(() -> GroupLassoRule.lambdaByRatio(0.2, Double.NaN, 100))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> GroupLassoRule.lambdaBySteps(0.5, 0)).hasMessageContaining("must be positive");
    }

    /** The lasso's sets of a resnet20 with identity shortcuts and the framework's default initial weights. */
    private static List<ChannelSlices> resnet20(Random random) {
        List<ChannelSlices> sets = new ArrayList<>();
        sets.add(ChannelSlices.producer("stem", uniform(random, 16, 27), 16));
        int channels = 16;
        for (int stage = 0; stage < 3; stage++) {
            int width = 16 << stage;
            for (int conv = 0; conv < 6; conv++) {
                float[] weights = uniform(random, width, channels * 9);
                sets.add(ChannelSlices.producer("conv", weights, width));
                sets.add(ChannelSlices.consumer("conv", weights, width, channels, 1));
                channels = width;
            }
        }
        sets.add(ChannelSlices.consumer("fc", uniform(random, 10, 64), 10, 64, 1));
        return sets;
    }

    private static float[] uniform(Random random, int outputs, int inputs) {
        float[] weights = new float[outputs * inputs];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) ((2 * random.nextDouble() - 1) / Math.sqrt(inputs));
        }
        return weights;
    }
}
