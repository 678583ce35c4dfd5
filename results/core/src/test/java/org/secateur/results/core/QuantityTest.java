package org.secateur.results.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.secateur.results.core.statistics.Estimate;

class QuantityTest {
    private static final Estimate ONE = new Estimate(1, 0.9, 1.2, 0.95, 8);
    private static final Quantity MEASURED = Quantity.measured(ONE);
    private static final Quantity MODELLED = Quantity.modelled(ONE, "roofline");
    private static final Quantity MISSING = Quantity.unavailable("no counter");

    @Test
    void aSumOfMeasuredNumbersIsDerivedWithErrorsInQuadrature() {
        Quantity sum = MEASURED.plus(MEASURED);

        assertThat(sum.provenance()).isEqualTo(Provenance.DERIVED);
        Estimate estimate = sum.estimate().orElseThrow();
        assertThat(estimate.value()).isEqualTo(2);
        assertThat(estimate.low()).isEqualTo(2 - Math.hypot(0.1, 0.1), org.assertj.core.api.Assertions.within(1e-9));
        assertThat(estimate.high()).isEqualTo(2 + Math.hypot(0.2, 0.2), org.assertj.core.api.Assertions.within(1e-9));
    }

    @Test
    void aModelledPartMakesTheSumModelledAndAMissingOneMakesItMissing() {
        assertThat(MEASURED.plus(MODELLED).provenance()).isEqualTo(new Provenance.Modelled("roofline"));
        assertThat(MODELLED.plus(MEASURED).provenance()).isEqualTo(new Provenance.Modelled("roofline"));
        assertThat(MODELLED.plus(MISSING)).isEqualTo(MISSING);
        assertThat(MISSING.plus(MEASURED)).isEqualTo(MISSING);
        assertThat(MISSING.estimate()).isEmpty();
    }

    @Test
    void aChangedNumberIsDerivedUnlessItWasModelled() {
        assertThat(MEASURED.map(e -> e.times(2)).provenance()).isEqualTo(Provenance.DERIVED);
        assertThat(MODELLED.map(e -> e.times(2)).provenance()).isEqualTo(new Provenance.Modelled("roofline"));
        assertThat(MISSING.map(e -> e.times(2))).isEqualTo(MISSING);
    }

    @Test
    void aKnownNumberIsNeverUnavailable() {
        assertThatThrownBy(() -> new Quantity.Known(ONE, new Provenance.Unavailable("x")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEstimateIsFiniteAndInsideItsInterval() {
        assertThatThrownBy(() -> new Estimate(1, 2, 3, 0.95, 8)).hasMessageContaining("outside");
        assertThatThrownBy(() -> new Estimate(Double.NaN, 0, 1, 0.95, 8)).hasMessageContaining("finite");
        assertThatThrownBy(() -> new Estimate(1, 1, 1, 1, 8)).hasMessageContaining("confidence");
        assertThatThrownBy(() -> new Conditions(java.util.Map.of("watts", Double.NaN)))
                .hasMessageContaining("watts");
    }
}
