package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.models.core.pruning.Budget;

class ReconfigurationScheduleTest {
    private static ReconfigurationSchedule schedule(String budget, double target, int epochs, long perEpoch) {
        return new ReconfigurationSchedule(
                PruningSettings.toward(Budget.parse(budget)), target, false, epochs, perEpoch);
    }

    @Test
    void aLongRunHasFiveEachInTheMiddleOfItsPartOfTheFirstHalf() {
        ReconfigurationSchedule schedule = schedule("train-step=0.6", 0.6, 100, 1000);
        assertThat(schedule.shares().keySet()).containsExactly(5, 15, 25, 35, 45);
        assertThat(schedule.shares().values()).containsExactly(0.2, 0.4, 0.6, 0.8, 1.0);
    }

    /** However few there are, the steps cost in sum what a straight line from dense to the budget would. */
    @ParameterizedTest
    @CsvSource({"100, 20", "100, 80", "100, 120", "100, 1000"})
    void theStepsCostWhatAStraightLineWould(int epochs, long perEpoch) {
        double target = 0.6;
        ReconfigurationSchedule schedule = schedule("train-step=0.6", target, epochs, perEpoch);
        double cost = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            cost += 1
                    - (1 - target)
                            * (schedule.shares().floorEntry(epoch) == null
                                    ? 0
                                    : schedule.shares().floorEntry(epoch).getValue());
        }
        assertThat(cost / epochs).isCloseTo(0.25 * (1 + target) + 0.5 * target, within(0.005));
    }

    /** What is verified stays within its part of what measuring may cost, unless there is only one. */
    @ParameterizedTest
    @CsvSource({"3, 78", "12, 78", "30, 78", "60, 78", "200, 390"})
    void verifyingStaysWithinItsShare(int epochs, long perEpoch) {
        ReconfigurationSchedule schedule = schedule("train-step=0.6", 0.6, epochs, perEpoch);
        int count = schedule.shares().size();
        double allowed = 0.1 * 0.4 * 0.75 * epochs * perEpoch;
        assertThat(schedule.rowSteps())
                .isCloseTo(Math.max(0, allowed - count * schedule.verifyingSteps()), within(1e-9));
        assertThat(count).isBetween(1, 5);
        if (count > 1) {
            assertThat(count * schedule.verifyingSteps()).isLessThanOrEqualTo(0.6 * allowed);
        }
        if (count < 5) {
            assertThat((count + 1) * schedule.verifyingSteps()).isGreaterThan(0.6 * allowed);
        }
        assertThat(schedule.last()).isLessThan(Math.max(1, (epochs + 1) / 2));
        assertThat(schedule.shares().lastEntry().getValue()).isEqualTo(1.0);
    }

    /** Rows of a network may cost what verifying one more would, where a verdict takes more pairs; nothing on a share of zero. */
    @Test
    void sparingATryMayCostWhatTheTryWould() {
        PruningSettings settings = PruningSettings.toward(Budget.parse("train-step=0.6"));
        ReconfigurationSchedule schedule = new ReconfigurationSchedule(settings, 0.6, false, 3, 78);
        assertThat(schedule.rowSteps()).isZero();
        assertThat(schedule.tryingAgainSteps())
                .isCloseTo((7 + 2) * 1.6, within(1e-9))
                .isGreaterThan(schedule.verifyingSteps());
        assertThat(new ReconfigurationSchedule(measuring(0, settings), 0.6, false, 3, 78).tryingAgainSteps())
                .isZero();
        assertThat(schedule("macs=0.5", 0.5, 3, 78).tryingAgainSteps()).isZero();
    }

    @Test
    void evenOneEpochIsPrunedTowardItsBudget() {
        assertThat(schedule("train-step=0.6", 0.6, 1, 10).shares()).containsExactly(java.util.Map.entry(0, 1.0));
    }

    @Test
    void countedCostsNeedNoMeasuringAndHaveAllReconfigurations() {
        ReconfigurationSchedule schedule = schedule("macs=0.5", 0.5, 20, 10);
        assertThat(schedule.shares()).hasSize(5);
        assertThat(schedule.rowSteps()).isZero();
    }

    /** What is refused at the start is exactly what the schedule would never come to. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "train-step=0.6", "macs=0.5"})
    void aRunIsReconfiguredUnlessItEndsBefore(String budget) {
        for (int interval = 0; interval <= 12; interval++) {
            PruningSettings settings = every(interval, PruningSettings.toward(Budget.parse(budget)));
            for (int epochs = 1; epochs <= 12; epochs++) {
                ReconfigurationSchedule schedule = new ReconfigurationSchedule(settings, 0.6, false, epochs, 10);
                assertThat(settings.reconfigures(epochs))
                        .as("%s, %d epochs, interval %d", budget, epochs, interval)
                        .isEqualTo(schedule.shares().firstKey() < epochs);
            }
        }
        assertThat(PruningSettings.toward(Budget.parse(budget)).reconfigures(1)).isEqualTo(!budget.equals("none"));
    }

    @Test
    void withoutABudgetAndAtAnIntervalEveryIntervalCounts() {
        assertThat(schedule("none", 1, 20, 10).shares().keySet()).containsExactly(2, 4, 6, 8, 10, 12, 14, 16, 18);
        PruningSettings everyThird = every(3, PruningSettings.toward(Budget.parse("train-step=0.6")));
        ReconfigurationSchedule schedule = new ReconfigurationSchedule(everyThird, 0.6, false, 20, 10);
        assertThat(schedule.shares().keySet()).containsExactly(3, 6, 9);
        assertThat(schedule.shares().get(9)).isEqualTo(1.0);
        assertThat(schedule.shares().get(3)).isCloseTo(1 / 3.0, within(1e-9));
    }

    /** Those settings at an interval, 0 for none. */
    private static PruningSettings every(int interval, PruningSettings d) {
        return with(interval == 0 ? OptionalInt.empty() : OptionalInt.of(interval), d.measuringShare(), d);
    }

    private static PruningSettings measuring(double share, PruningSettings d) {
        return with(d.interval(), share, d);
    }

    private static PruningSettings with(OptionalInt interval, double measuringShare, PruningSettings d) {
        return new PruningSettings(
                d.budget(),
                d.cost(),
                d.objective(),
                d.stepWeight(),
                d.saliencyBudget(),
                d.saliencyRunBudget(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                interval,
                d.reconfigurations(),
                measuringShare);
    }
}
