package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.statistics.Estimate;

/** How far predictions are off, where some rows could not be predicted at all. */
final class HeldOutTest {
    private static final CostTable BUILT = Rows.table(List.of(row(10, 0), row(100, 0)));

    /** An elementwise row of so many channels, whose time is off from the line through the built ones. */
    private static Measurement row(int channels, double error) {
        Workload workload = Workload.of(new Activation(32, channels, 16, 16, ActivationKind.RELU), Pass.FORWARD);
        return Rows.of(workload, 1e-6 * channels / (1 + error));
    }

    private static HeldOutError heldOut(List<Measurement> sample) {
        return HeldOut.sample(BUILT, sample.stream().map(Measurement::key).toList(), Rows.table(sample));
    }

    /** Of 20 rows, the 6th to the 15th hold the median with 95.9 %; those from the 13th on are outside the table. */
    @Test
    void theMedianClaimsNoMoreThanItsPredictableRowsCover() {
        List<Measurement> sample = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            sample.add(row(20 + i, 0.01 * i));
        }
        for (int i = 0; i < 8; i++) {
            sample.add(row(200 + i, 0));
        }
        HeldOutError heldOut = heldOut(sample);
        assertThat(heldOut.predicted()).isEqualTo(12);
        Estimate median = heldOut.median().estimate().orElseThrow();
        assertThat(median.low()).isCloseTo(0.05, within(1e-9));
        assertThat(median.value()).isCloseTo(0.095, within(1e-9));
        assertThat(median.high()).isCloseTo(0.11, within(1e-9));
        // P(6 <= Binomial(20, 1/2) < 12)
        assertThat(median.confidence()).isCloseTo(0.7276, within(1e-4));
        assertThat(heldOut.p95()).isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void whereHalfCannotBePredictedThereIsNoMedian() {
        HeldOutError heldOut = heldOut(List.of(row(20, 0.01), row(30, 0.02), row(200, 0), row(300, 0)));
        assertThat(heldOut.median()).isEqualTo(Quantity.unavailable("only 2 of 4 rows could be predicted"));
    }
}
