package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Fingerprint;
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
    private static final Plausibility DEVICE = new Plausibility(1e12, 1e11);

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
    void powerLiesBetweenIdleAndTheLimitThatARowTells() {
        assertThat(problem(300, 300, 0)).isEmpty();
        assertThat(problem(419, 419, 0)).isEmpty();
        assertThat(problem(422, 422, 0))
                .hasValueSatisfying(why -> assertThat(why).contains("422 W are beyond"));
        assertThat(problem(40, 40, 0)).hasValueSatisfying(why -> assertThat(why).contains("less than the 50"));
        double seconds = 2 * atPeak(RELU);
        assertThat(DEVICE.problem(row(RELU, "direct", seconds, joules(4000 * seconds))))
                .as("a row that tells no limit")
                .isEmpty();
    }

    @Test
    void aLimitMayBeExceededByTheCountersErrorOfGain() {
        assertThat(problem(422, 422, 0.06)).isEmpty();
        assertThat(problem(426, 426, 0.06))
                .hasValueSatisfying(why -> assertThat(why).contains("426 W are beyond"));
    }

    @Test
    void joulesAreWattsTimesSeconds() {
        assertThat(problem(300, 329, 0)).isEmpty();
        assertThat(problem(300, 340, 0))
                .hasValueSatisfying(why -> assertThat(why).contains("300 W, the energy's windows saw 340 W"));
    }

    @Test
    void aTableWithoutPeaksJudgesPowerAlone() {
        CostTable empty = CostTable.of("SIMULATED", Fingerprint.of(Map.of("device", "SIMULATED"), Map.of()), List.of());
        Plausibility limits = Plausibility.of(empty, RELU);
        assertThat(limits).isEqualTo(Plausibility.OF_POWER);
        assertThat(limits.problem(row(RELU, "direct", 1e-30))).isEmpty();
        assertThat(problem(limits, 422, 422, 0)).isPresent();
    }

    @Test
    void aTableWithPeaksJudgesByThoseOfTheWorkloadsArithmetic() {
        CostTable table = CostTable.of(
                "SIMULATED",
                Fingerprint.of(Map.of("device", "SIMULATED"), Map.of()),
                Roofline.references().stream().map(PlausibilityTest::second).toList());
        assertThat(Plausibility.of(table, RELU))
                .isEqualTo(Roofline.of(table).orElseThrow().plausibility());
        Workload half = new Workload(RELU.operation(), RELU.pass(), DataType.F16, RELU.mathMode(), RELU.layout());
        assertThat(Plausibility.of(table, half)).isEqualTo(Plausibility.OF_POWER);
    }

    private static Measurement second(WorkloadKey key) {
        Measurement row = row(key.workload(), "direct", 1);
        return new Measurement(
                key,
                row.variant(),
                row.seconds(),
                row.joules(),
                row.blocks(),
                row.discarded(),
                row.before(),
                row.after(),
                row.flags(),
                row.measuredAt());
    }

    private static Optional<String> problem(double watts, double seen, double gain) {
        return problem(DEVICE, watts, seen, gain);
    }

    /** What is wrong with a row whose joules and seconds make so many watts, and whose energy's windows saw others. */
    private static Optional<String> problem(Plausibility limits, double watts, double seen, double gain) {
        double seconds = 2 * atPeak(RELU);
        Measurement row = row(RELU, "direct", seconds, joules(watts * seconds));
        Conditions after = new Conditions(Map.of(
                Plausibility.WATTS,
                seen,
                Plausibility.IDLE_WATTS,
                50.0,
                Plausibility.LIMIT_WATTS,
                400.0,
                Plausibility.GAIN_ERROR,
                gain));
        return limits.problem(new Measurement(
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
        assertThatThrownBy(() -> new Plausibility(0, 1)).hasMessageContaining("positive");
    }
}
