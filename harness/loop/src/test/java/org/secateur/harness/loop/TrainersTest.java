package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.secateur.harness.loop.TrainingSettings.ScheduleKind;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.Recipe;

/** The courses of the learning rate over 8 epochs of 10 steps. */
class TrainersTest {
    private static final double PEAK = 0.4;

    @Test
    void aCosineFallsFromTheEndOfItsWarmUpToTheEndOfTheRun() {
        LearningRateSchedule schedule = schedule(ScheduleKind.COSINE, 1);
        assertRate(schedule, 0, PEAK / 10);
        assertRate(schedule, 9, PEAK);
        assertRate(schedule, 10, PEAK);
        assertRate(schedule, 45, PEAK / 2);
        assertRate(schedule, 80, 0);
        assertRate(schedule(ScheduleKind.COSINE, 0), 40, PEAK / 2);
    }

    /** A part of an epoch is as many steps as come nearest. */
    @Test
    void aWarmUpMayEndWithinAnEpoch() {
        assertRate(schedule(ScheduleKind.COSINE, 0.38), 0, PEAK / 4);
        assertRate(schedule(ScheduleKind.COSINE, 0.04), 0, PEAK);
    }

    @Test
    void milestonesStayWhereTheyAreAfterAWarmUp() {
        for (double warmup : new double[] {0, 2}) {
            LearningRateSchedule schedule = schedule(ScheduleKind.MILESTONES, warmup);
            assertRate(schedule, 4, warmup == 0 ? PEAK : PEAK / 4);
            assertRate(schedule, 39, PEAK);
            assertRate(schedule, 40, PEAK / 10);
            assertRate(schedule, 59, PEAK / 10);
            assertRate(schedule, 60, PEAK / 100);
        }
    }

    @Test
    void milestonesOfOnesOwnAreEpochs() {
        TrainingSettings settings = new TrainingSettings(
                8, 16, PEAK, 0.9, 5e-4, ScheduleKind.MILESTONES, 1, 2, Recipe.PLAIN, List.of(2, 7), 1);
        LearningRateSchedule schedule = Trainers.schedule(settings, 10);
        assertRate(schedule, 4, PEAK / 4);
        assertRate(schedule, 20, PEAK);
        assertRate(schedule, 21, PEAK / 10);
        assertRate(schedule, 69, PEAK / 10);
        assertRate(schedule, 70, PEAK / 100);
        for (List<Integer> none : List.of(List.of(0), List.of(8), List.of(3, 3), List.of(1))) {
            assertThatThrownBy(() -> new TrainingSettings(
                            8, 16, PEAK, 0.9, 5e-4, ScheduleKind.MILESTONES, 1, 2, Recipe.PLAIN, none, 1))
                    .hasMessageContaining("milestones " + none);
        }
    }

    /** However few steps there are, and with the first milestone right behind. */
    @Test
    void aWarmUpReachesTheFullRate() {
        TrainingSettings settings = settings(3, ScheduleKind.MILESTONES, 1.4);
        LearningRateSchedule schedule = Trainers.schedule(settings, 1);
        assertRate(schedule, 0, PEAK);
        assertRate(schedule, 1, PEAK);
        assertRate(schedule, 2, PEAK / 100);
    }

    @Test
    void whatIsNoWarmUpIsRefused() {
        assertThatThrownBy(() -> settings(8, ScheduleKind.COSINE, -1)).hasMessageContaining("-1.0");
        assertThatThrownBy(() -> settings(8, ScheduleKind.COSINE, 4)).hasMessageContaining("half of the 8");
        assertThatThrownBy(() -> settings(8, ScheduleKind.ONE_CYCLE, 1)).hasMessageContaining("one-cycle");
    }

    private static LearningRateSchedule schedule(ScheduleKind kind, double warmup) {
        return Trainers.schedule(settings(8, kind, warmup), 10);
    }

    private static TrainingSettings settings(int epochs, ScheduleKind kind, double warmup) {
        return new TrainingSettings(epochs, 16, PEAK, 0.9, 5e-4, kind, 1, warmup, Recipe.PLAIN);
    }

    private static void assertRate(LearningRateSchedule schedule, long step, double rate) {
        assertThat(schedule.learningRate(step)).as("step " + step).isCloseTo(rate, within(1e-12));
    }
}
