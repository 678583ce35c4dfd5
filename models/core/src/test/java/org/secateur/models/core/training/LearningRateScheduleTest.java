package org.secateur.models.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    /** The targets of PyTorch's own test of MultiStepLR: 0.05, milestones 2, 5 and 9, factor 0.1, ten steps. */
    @Test
    void milestonesGiveThePublishedRatesOfMultiStepLr() {
        LearningRateSchedule schedule = new MilestoneSchedule(0.05, List.of(2L, 5L, 9L), 0.1);
        double[] expected = {0.05, 0.05, 0.005, 0.005, 0.005, 0.0005, 0.0005, 0.0005, 0.0005, 0.00005};
        assertThat(rates(schedule, 10)).containsExactly(expected, within(1e-15));
    }

    /**
     * The targets of PyTorch's own test of OneCycleLR with cosine annealing: peak 25, ten steps, first rate 1, last one
     * 0.5, with the cosines evaluated.
     */
    @Test
    void oneCycleGivesThePublishedRatesOfOneCycleLr() {
        LearningRateSchedule schedule = new OneCycleSchedule(25, 10, 0.3, 25, 2);
        double[] expected = {
            1, 13, 25, 23.7868686318, 20.3877500728, 15.4758814410, 10.0241185590, 5.1122499272, 1.7131313682, 0.5
        };
        assertThat(rates(schedule, 10)).containsExactly(expected, within(1e-8));
    }

    @Test
    void theDefaultsAreThoseOfPyTorch() {
        OneCycleSchedule schedule = OneCycleSchedule.of(0.1, 1000);
        assertThat(schedule.learningRate(0)).isCloseTo(0.004, within(1e-12));
        assertThat(schedule.learningRate(299)).isCloseTo(0.1, within(1e-12));
        assertThat(schedule.learningRate(999)).isCloseTo(4e-7, within(1e-15));
        assertThat(schedule.learningRate(5000)).isEqualTo(schedule.learningRate(999));
    }

    @Test
    void aCycleWithoutRoomToRiseBeginsAtThePeak() {
        assertThat(new OneCycleSchedule(1, 2, 0.5, 25, 10).learningRate(0)).isEqualTo(1);
    }

    @Test
    void aCosineIsThePublishedOne() {
        LearningRateSchedule schedule = new CosineSchedule(0.8, 8);
        double high = 0.4 * (1 + Math.sqrt(0.5));
        assertThat(schedule.learningRate(0)).isCloseTo(0.8, within(1e-12));
        assertThat(schedule.learningRate(2)).isCloseTo(high, within(1e-12));
        assertThat(schedule.learningRate(4)).isCloseTo(0.4, within(1e-12));
        assertThat(schedule.learningRate(6)).isCloseTo(0.8 - high, within(1e-12));
        assertThat(schedule.learningRate(8)).isZero();
        assertThat(schedule.learningRate(1000)).isZero();
        // The rates of steps t and 8 - t add up to the peak.
        assertThat(LongStream.range(0, 8).mapToDouble(schedule::learningRate).sum())
                .isCloseTo(0.8 / 2 * (8 + 1), within(1e-12));
    }

    @Test
    void aWarmUpRisesInAStraightLineToWhatFollows() {
        LearningRateSchedule then = new MilestoneSchedule(0.8, List.of(2L), 0.1);
        assertThat(rates(new WarmupSchedule(4, then), 8))
                .containsExactly(new double[] {0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.08, 0.08}, within(1e-12));
    }

    @Test
    void nonsenseIsRefusedWithItsValue() {
        assertThatThrownBy(() -> new CosineSchedule(0, 10)).hasMessageContaining("rate 0.0");
        assertThatThrownBy(() -> new CosineSchedule(1, 0)).hasMessageContaining("0 steps");
        assertThatThrownBy(() -> new CosineSchedule(1, 10).learningRate(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> new WarmupSchedule(0, new CosineSchedule(1, 10)))
                .hasMessageContaining("0 steps");
        assertThatThrownBy(() -> new WarmupSchedule(2, new CosineSchedule(1, 10)).learningRate(-1))
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> new MilestoneSchedule(0, List.of(), 0.1)).hasMessageContaining("rate 0.0");
        assertThatThrownBy(() -> new MilestoneSchedule(1, List.of(5L, 2L), 0.1)).hasMessageContaining("[5, 2]");
        assertThatThrownBy(() -> new OneCycleSchedule(Double.NaN, 10, 0.3, 25, 1))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> new OneCycleSchedule(1, 10, 1, 25, 1)).hasMessageContaining("1.0");
        assertThatThrownBy(() -> OneCycleSchedule.of(1, 10).learningRate(-1)).hasMessageContaining("-1");
    }

    private static double[] rates(LearningRateSchedule schedule, long steps) {
        return LongStream.range(0, steps).mapToDouble(schedule::learningRate).toArray();
    }
}
