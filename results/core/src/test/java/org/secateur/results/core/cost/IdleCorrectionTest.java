package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;

class IdleCorrectionTest {
    private static final Conditions IDLE_AT_60 = new Conditions(Map.of(Plausibility.IDLE_WATTS, 60.0));

    @Test
    void netJoulesAreWhatALaunchTakesBeyondTheIdlePower() {
        // 300, 310 and 290 W over 1,000 launches of 5 ms
        List<EnergySample> samples = List.of(
                new EnergySample(1000, 1500, 5), new EnergySample(1000, 1550, 5), new EnergySample(1000, 1450, 5));
        Quantity net = IdleCorrection.netJoules(samples, IDLE_AT_60);
        assertThat(net.estimate().orElseThrow().value()).isCloseTo(1.2, within(1e-12));
        assertThat(net.provenance()).isEqualTo(Provenance.DERIVED);
    }

    @Test
    void aLoadBelowTheIdlePowerAndWhatNoCounterToldHaveNone() {
        List<EnergySample> idle = List.of(new EnergySample(10, 290, 5));
        assertThat(IdleCorrection.netJoules(idle, IDLE_AT_60))
                .isEqualTo(Quantity.unavailable("the load draws no more than the idle device's 60.0 W"));
        assertThat(IdleCorrection.netJoules(List.of(), IDLE_AT_60)).isInstanceOf(Quantity.Missing.class);
        assertThat(IdleCorrection.netJoules(idle, Conditions.NONE)).isInstanceOf(Quantity.Missing.class);
    }
}
