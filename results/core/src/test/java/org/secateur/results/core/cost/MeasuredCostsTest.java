package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.secateur.results.core.cost.Tables.convolution;
import static org.secateur.results.core.cost.Tables.depthwise;
import static org.secateur.results.core.cost.Tables.relu;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;

class MeasuredCostsTest {
    /** Steps of 16 output channels of 0.7 ms, and a cliff after 96 that nearly doubles the cost. */
    private static double staircase(Workload workload) {
        Convolution o = (Convolution) workload.operation();
        double seconds = 0.7e-3 * Math.ceil(o.k() / 16.0) * o.c() / 64.0;
        return o.k() > 96 ? 1.7 * seconds : seconds;
    }

    private static final CostTable STAIRCASE = Tables.of(
            MeasuredCostsTest::staircase,
            convolution(64, 33),
            convolution(64, 48),
            convolution(64, 49),
            convolution(64, 64),
            convolution(64, 96),
            convolution(64, 112));

    private static Quantity seconds(CostTable table, Workload workload) {
        return new MeasuredCosts(table).predict(workload).seconds();
    }

    @Test
    void aRowIsItsOwnAnswer() {
        Cost cost = new MeasuredCosts(STAIRCASE).predict(convolution(64, 48));

        assertThat(cost.seconds().provenance()).isEqualTo(Provenance.MEASURED);
        assertThat(cost.seconds().estimate().orElseThrow().value()).isEqualTo(2.1e-3, within(1e-12));
    }

    @Test
    void insideAStepTheCostIsDerivedAndHoldsBothNeighbours() {
        Cost cost = new MeasuredCosts(STAIRCASE).predict(convolution(64, 40));

        assertThat(cost.seconds().provenance()).isEqualTo(Provenance.DERIVED);
        Estimate estimate = cost.seconds().estimate().orElseThrow();
        assertThat(estimate.value()).isEqualTo(2.1e-3, within(1e-9));
        assertThat(estimate.low()).isEqualTo(2.1e-3 * 0.99, within(1e-9));
        assertThat(cost.joules().provenance()).isEqualTo(new Provenance.Modelled("10 W"));
    }

    @Test
    void aRowWithoutATimeCountsAsNotMeasured() {
        CostTable table = STAIRCASE.with(List.of(
                timeless(STAIRCASE.row(WorkloadKey.cold(convolution(64, 48))).orElseThrow()),
                timeless(STAIRCASE.row(WorkloadKey.cold(convolution(64, 33))).orElseThrow())));

        assertThat(seconds(table, convolution(64, 48))).isEqualTo(Quantity.unavailable("two modes"));
        CostTable inside =
                STAIRCASE.with(Tables.of(MeasuredCostsTest::staircase, convolution(64, 40)).rows().values().stream()
                        .map(MeasuredCostsTest::timeless)
                        .toList());
        assertThat(seconds(inside, convolution(64, 40)).provenance()).isEqualTo(Provenance.DERIVED);
    }

    private static Measurement timeless(Measurement row) {
        Quantity none = Quantity.unavailable("two modes");
        return new Measurement(
                row.key(),
                row.variant(),
                none,
                none,
                row.blocks(),
                row.discarded(),
                row.before(),
                row.after(),
                row.flags(),
                row.measuredAt());
    }

    @Test
    void nothingIsInterpolatedAcrossAnEdgeOrTheCliff() {
        CostTable sparse = Tables.of(
                MeasuredCostsTest::staircase,
                convolution(64, 48),
                convolution(64, 64),
                convolution(64, 96),
                convolution(64, 112));
        for (int k = 49; k < 112; k++) {
            if (k != 64 && k != 96) {
                assertThat(seconds(sparse, convolution(64, k))).as("k=%d", k).isInstanceOf(Quantity.Missing.class);
            }
        }
        assertThat(((Quantity.Missing) seconds(sparse, convolution(64, 104))).reason())
                .contains("an edge lies between k=96 (0.004200 s) and k=112 (0.008330 s)");
    }

    @Test
    void whereverItAnswersItIsRightWithinItsInterval() {
        MeasuredCosts costs = new MeasuredCosts(STAIRCASE);
        int answered = 0;
        for (int k = 1; k <= 200; k++) {
            Quantity seconds = costs.predict(convolution(64, k)).seconds();
            if (seconds instanceof Quantity.Known known) {
                answered++;
                double truth = staircase(convolution(64, k));
                assertThat(truth).isBetween(known.number().low(), known.number().high());
            }
        }
        assertThat(answered).isEqualTo(34); // 33 to 48, 49 to 64, and the single points 96 and 112
    }

    @Test
    void outsideTheMeasuredRangeNothingIsKnown() {
        assertThat(((Quantity.Missing) seconds(STAIRCASE, convolution(64, 120))).reason())
                .contains("k=120 lies outside the measured 33 to 112");
        assertThat(((Quantity.Missing) seconds(STAIRCASE, convolution(32, 48))).reason())
                .contains("no row differs in k only")
                .contains("c=32 lies outside the measured 64 to 64");
    }

    @Test
    void theInputChannelsAreALineToo() {
        CostTable flat = Tables.of(w -> 1e-3, convolution(17, 40), convolution(32, 40));

        assertThat(seconds(flat, convolution(20, 40)).provenance()).isEqualTo(Provenance.DERIVED);
        assertThat(seconds(flat, convolution(20, 41))).isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void aDepthwiseConvolutionHasOneWidth() {
        CostTable flat = Tables.of(w -> 1e-3, depthwise(17), depthwise(32), convolution(17, 24));

        assertThat(seconds(flat, depthwise(24)).provenance()).isEqualTo(Provenance.DERIVED);
        assertThat(seconds(flat, convolution(24, 24))).isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void elementwiseOperationsAreAffineInTheirSize() {
        CostTable table = Tables.of(
                w -> 5e-6 + 1e-9 * w.operation().elementsMoved(),
                relu(16),
                relu(64),
                Workload.of(new OptimizerStep(1_000, 10), Pass.UPDATE),
                Workload.of(new OptimizerStep(9_000, 10), Pass.UPDATE));
        Estimate relu = seconds(table, relu(40)).estimate().orElseThrow();
        double truth = 5e-6 + 1e-9 * relu(40).operation().elementsMoved();
        assertThat(relu.value()).isEqualTo(truth, within(1e-12));
        assertThat(relu.relativeHalfWidth()).isEqualTo(0.01, within(1e-9));

        Workload update = Workload.of(new OptimizerStep(5_000, 10), Pass.UPDATE);
        assertThat(seconds(table, update).estimate().orElseThrow().value()).isEqualTo(30e-6, within(1e-12));
        assertThat(seconds(table, relu(65))).isInstanceOf(Quantity.Missing.class);
        assertThat(seconds(table, Workload.of(relu(40).operation(), Pass.BACKWARD)))
                .isInstanceOf(Quantity.Missing.class);
    }

    /** Cost in proportion to both widths, without any step. */
    private static double product(Workload workload) {
        Convolution o = (Convolution) workload.operation();
        return 1e-6 * o.c() * o.k();
    }

    /** Steps of 8 input and 8 output channels. */
    private static double steps(Workload workload) {
        Convolution o = (Convolution) workload.operation();
        return 1e-6 * Math.ceil(o.c() / 8.0) * Math.ceil(o.k() / 8.0);
    }

    @Test
    void anAffineBoxNeedsARowInsideThatAgrees() {
        Workload[] corners = {convolution(9, 9), convolution(9, 16), convolution(16, 9), convolution(16, 16)};
        Workload[] checked = {
            convolution(9, 9), convolution(9, 16), convolution(16, 9), convolution(16, 16), convolution(12, 12)
        };
        assertThat(seconds(Tables.of(MeasuredCostsTest::product, corners), convolution(10, 14)))
                .isInstanceOf(Quantity.Missing.class);
        Quantity answer = seconds(Tables.of(MeasuredCostsTest::product, checked), convolution(10, 14));
        assertThat(answer.provenance()).isEqualTo(Provenance.DERIVED);
        assertThat(answer.estimate().orElseThrow().value()).isEqualTo(140e-6, within(1e-12));
        assertThat(answer.estimate().orElseThrow().relativeHalfWidth()).isEqualTo(0.01, within(1e-9));
        // An edge after 12 input channels: the row inside gives it away.
        CostTable edge = Tables.of(w -> product(w) * (((Convolution) w.operation()).c() > 12 ? 1.4 : 1), checked);
        assertThat(seconds(edge, convolution(10, 14))).isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void aRowInsideThatDisagreesForbidsAFlatBox() {
        CostTable bump = Tables.of(
                w -> w.equals(convolution(12, 40)) ? 2e-3 : 1e-3,
                convolution(9, 33),
                convolution(9, 48),
                convolution(16, 33),
                convolution(16, 48),
                convolution(12, 40));
        assertThat(seconds(bump, convolution(10, 40))).isInstanceOf(Quantity.Missing.class);
    }

    /** A cliff between widths that cost the same, seen on the lines of 8 and of 32 inputs. */
    @Test
    void anEdgeOnBothSidesIsAnEdgeBetweenThem() {
        CostTable cliff = Tables.of(
                w -> ((Convolution) w.operation()).k() > 96 && ((Convolution) w.operation()).k() <= 112 ? 2e-3 : 1e-3,
                convolution(8, 96),
                convolution(8, 97),
                convolution(32, 96),
                convolution(32, 97),
                convolution(16, 90),
                convolution(16, 120));
        assertThat(seconds(cliff, convolution(16, 100))).isInstanceOf(Quantity.Missing.class);
        assertThat(seconds(cliff, convolution(64, 100))).isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void aGridOfTheLastWidthsOfStepsTellsNothingBetweenThem() {
        CostTable lasts = Tables.of(
                MeasuredCostsTest::steps,
                convolution(16, 16),
                convolution(16, 48),
                convolution(48, 16),
                convolution(48, 48),
                convolution(32, 32));
        // On these rows the staircase looks like a product, at 33 it is an eighth dearer.
        assertThat(seconds(lasts, convolution(17, 32))).isInstanceOf(Quantity.Missing.class);
        assertThat(seconds(lasts, convolution(24, 24))).isInstanceOf(Quantity.Missing.class);
    }

    @Test
    void theBatchIsAnAxisToo() {
        CostTable batches =
                Tables.of(w -> 1e-5 + 1e-7 * ((Convolution) w.operation()).n(), images(64), images(128), images(256));
        Estimate between = seconds(batches, images(192)).estimate().orElseThrow();
        assertThat(between.value()).isEqualTo(1e-5 + 1e-7 * 192, within(1e-12));
        assertThat(seconds(batches, images(512))).isInstanceOf(Quantity.Missing.class);
    }

    private static Workload images(int n) {
        Convolution o = (Convolution) convolution(16, 16).operation();
        return Workload.of(
                new Convolution(
                        n, o.c(), o.h(), o.w(), o.k(), o.r(), o.s(), o.stride(), o.padding(), o.dilation(), o.groups()),
                Pass.FORWARD);
    }

    @Test
    void rowsOfAnotherRegimeDoNotAnswer() {
        MeasuredCosts hot = new MeasuredCosts(STAIRCASE, Regime.HOT, Request.DEFAULT);

        assertThat(hot.predict(convolution(64, 48)).seconds()).isInstanceOf(Quantity.Missing.class);
    }
}
