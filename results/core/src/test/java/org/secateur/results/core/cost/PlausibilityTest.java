package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;

/** Check E-6: physics. */
class PlausibilityTest {
    private static final Workload CONVOLUTION = Tables.convolution(64, 64);
    private static final Workload RELU = Tables.relu(64);
    private static final Plausibility DEVICE =
            new Plausibility(1e12, 1e11, OptionalDouble.of(50), OptionalDouble.of(400));

    private static Measurement row(Workload workload, String algorithm, double seconds, Quantity joules) {
        return new Measurement(
                WorkloadKey.cold(workload),
                new Variant(algorithm, 0, true),
                Quantity.measured(Estimate.exact(seconds)),
                joules,
                List.of(),
                Map.of(),
                Conditions.NONE,
                Conditions.NONE,
                Set.of(Flag.WIDE),
                Instant.EPOCH);
    }

    private static Measurement row(Workload workload, String algorithm, double seconds) {
        return row(workload, algorithm, seconds, Quantity.unavailable("no counter"));
    }

    private static double atPeak(Workload workload) {
        return Math.max(2.0 * workload.macs() / 1e12, workload.bytesMoved() / 1e11);
    }

    @Test
    void whatRunsAtItsPeakIsPlausible() {
        assertThat(DEVICE.problem(row(CONVOLUTION, "direct", atPeak(CONVOLUTION))))
                .isEmpty();
        assertThat(DEVICE.problem(row(RELU, "direct", atPeak(RELU)))).isEmpty();
        Measurement row = row(RELU, "direct", atPeak(RELU));
        assertThat(DEVICE.judged(row)).isSameAs(row);
    }

    @Test
    void whatIsFasterThanThePeakIsFlagged() {
        assertThat(DEVICE.problem(row(CONVOLUTION, "direct", 2.0 * CONVOLUTION.macs() / 1.2e12)))
                .hasValueSatisfying(why -> assertThat(why).contains("1.20e+12 FLOP/s are beyond"));
        assertThat(DEVICE.problem(row(RELU, "direct", RELU.bytesMoved() / 1.2e11)))
                .hasValueSatisfying(why -> assertThat(why).contains("1.20e+11 B/s are beyond"));
        assertThat(DEVICE.judged(row(RELU, "direct", RELU.bytesMoved() / 1.2e11))
                        .flags())
                .containsExactlyInAnyOrder(Flag.WIDE, Flag.IMPLAUSIBLE);
    }

    @Test
    void anAlgorithmThatMultipliesLessOftenMayBeFaster() {
        double seconds = 2.0 * CONVOLUTION.macs() / 2e12;
        assertThat(CONVOLUTION.bytesMoved() / seconds).isLessThan(1e11);
        assertThat(DEVICE.problem(row(CONVOLUTION, "FWD_WINOGRAD_NONFUSED", seconds)))
                .isEmpty();
        assertThat(DEVICE.problem(row(CONVOLUTION, "IMPLICIT_GEMM", seconds))).isPresent();
    }

    @Test
    void powerLiesBetweenIdleAndTheLimit() {
        double seconds = 2 * atPeak(RELU);
        assertThat(DEVICE.problem(row(RELU, "direct", seconds, joules(300 * seconds))))
                .isEmpty();
        assertThat(DEVICE.problem(row(RELU, "direct", seconds, joules(425 * seconds))))
                .hasValueSatisfying(why -> assertThat(why).contains("425 W are beyond"));
        assertThat(DEVICE.problem(row(RELU, "direct", seconds, joules(40 * seconds))))
                .hasValueSatisfying(why -> assertThat(why).contains("less than the 50"));
        assertThat(Plausibility.ofRates(1e12, 1e11).problem(row(RELU, "direct", seconds, joules(4000 * seconds))))
                .isEmpty();
    }

    @Test
    void aRowsOwnReadingsTellItsLimitsWhereTheDeviceIsNotKnown() {
        assertThat(problem(300, 300)).isEmpty();
        assertThat(problem(425, 425)).hasValueSatisfying(why -> assertThat(why).contains("425 W are beyond"));
        assertThat(problem(40, 40)).hasValueSatisfying(why -> assertThat(why).contains("less than the 50"));
        assertThat(problem(300, 340))
                .hasValueSatisfying(why -> assertThat(why).contains("300 W, the energy's windows saw 340 W"));
    }

    /** What is wrong with a row whose joules and seconds make so many watts, and whose energy's windows saw others. */
    private static Optional<String> problem(double watts, double seen) {
        double seconds = 2 * atPeak(RELU);
        Measurement row = row(RELU, "direct", seconds, joules(watts * seconds));
        Conditions after = new Conditions(
                Map.of(Plausibility.WATTS, seen, Plausibility.IDLE_WATTS, 50.0, Plausibility.LIMIT_WATTS, 400.0));
        return Plausibility.ofRates(1e12, 1e11)
                .problem(new Measurement(
                        row.key(),
                        row.variant(),
                        row.seconds(),
                        row.joules(),
                        row.blocks(),
                        row.discarded(),
                        row.before(),
                        after,
                        row.flags(),
                        row.measuredAt()));
    }

    private static Quantity joules(double value) {
        return Quantity.measured(Estimate.exact(value));
    }

    @Test
    void aPeakOfNothingIsRefused() {
        assertThatThrownBy(() -> Plausibility.ofRates(0, 1)).hasMessageContaining("positive");
    }
}
