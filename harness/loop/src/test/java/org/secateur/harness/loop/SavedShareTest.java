package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.harness.loop.PlanRecord.Decision;
import org.secateur.harness.loop.PlanRecord.Removal;
import org.secateur.results.core.Layout;

class SavedShareTest {
    private static final double DENSE = 0.4;

    @Test
    void rowsAreBelievedAtFirst() {
        SavedShare saved = new SavedShare(List.of(), DENSE);
        saved.observe(0.5);
        assertThat(saved.share()).isEqualTo(1);
        assertThat(saved.cost(0.7)).isEqualTo(0.7);
        assertThat(saved.sum(0.7)).isEqualTo(0.7);
    }

    @Test
    void sumsAndCostsAreEachOthersInverse() {
        SavedShare saved = new SavedShare(List.of(plan(1, 1, 0.75, 7)), DENSE);
        saved.observe(0.6);
        assertThat(saved.share()).isBetween(0.625, 0.75);
        assertThat(saved.cost(1)).isEqualTo(1);
        assertThat(saved.cost(saved.sum(0.63))).isCloseTo(0.63, within(1e-12));
    }

    /** A part of the step that pruning does not touch is found by noisy pairs, and what little pruning tells weighs little. */
    @ParameterizedTest
    @ValueSource(doubles = {0.7, 0.85, 1, 1.1})
    void aTrueShareIsFound(double truth) {
        Random random = new Random(4);
        double errors = 0;
        for (int run = 0; run < 100; run++) {
            List<PlanRecord> plans = new ArrayList<>();
            double sum = 1;
            for (double next : new double[] {0.9, 0.8, 0.7, 0.6, 0.5}) {
                SavedShare saved = new SavedShare(plans, DENSE);
                saved.observe(sum);
                double measured = 1 - truth * (1 - next) + 0.04 * random.nextGaussian();
                plans.add(plan(saved.cost(sum), saved.share(), measured, 3));
                sum = next;
            }
            SavedShare last = new SavedShare(plans, DENSE);
            last.observe(sum);
            errors += last.share() - truth;
        }
        assertThat(errors / 100).isCloseTo(0.15 * (1 - truth), within(0.02));
    }

    /** What a process that was stopped learns again is what it had learned. */
    @Test
    void plansAloneTellWhatWasLearned() {
        List<PlanRecord> plans = new ArrayList<>();
        SavedShare going = new SavedShare(plans, DENSE);
        double weight = 0.3;
        double share = 1;
        double sum = 1;
        for (double next : new double[] {0.85, 0.7, 0.5}) {
            double measured = 1 - 0.8 * (1 - next);
            plans.add(plan(going.cost(sum), going.share(), measured, 5));
            plans.add(unchanged());
            sum = next;
            going = new SavedShare(plans, DENSE);
            going.observe(sum);
            double information = 5 * (1 - sum) * (1 - sum);
            share = (weight * share + 0.8 * information) / (weight + information);
            weight += information;
            assertThat(going.share()).isCloseTo(share, within(1e-12));
        }
    }

    /** A network that was measured as dear as dense says little of rows; nothing would be left of one planned by it. */
    @Test
    void aBadMeasurementIsBounded() {
        SavedShare saved = new SavedShare(List.of(plan(1, 1, 1.4, 7)), DENSE);
        saved.observe(0.5);
        assertThat(saved.share()).isEqualTo(0.5);
    }

    private static PlanRecord plan(double before, double correction, double measured, int pairs) {
        return record(List.of(new Removal("conv1", 16, 8, 0, 0.01)), before, correction, measured, pairs);
    }

    private static PlanRecord unchanged() {
        return record(List.of(), 0.123, 1, null, 0);
    }

    private static PlanRecord record(
            List<Removal> removals, double before, double correction, @Nullable Double measured, int pairs) {
        return new PlanRecord(
                1,
                Map.of(),
                removals,
                "seconds",
                DENSE * before,
                DENSE * before,
                0,
                false,
                correction,
                null,
                0,
                null,
                measured == null ? null : DENSE * measured,
                pairs,
                measured == null ? Decision.REJECTED : Decision.ACCEPTED,
                "a reason",
                Layout.NCHW);
    }
}
