package org.secateur.profilers.core.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.secateur.profilers.core.energy.EnergyBench.value;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Quantity;

class EnergyFitTest {
    private static final double[] LAUNCHES = {2500, 2500, 3750, 3750, 5000, 5000};
    private static final double[] NONE = {0, 0, 0, 0, 0, 0};

    /** Windows of 0.6 J a launch and an intercept, with errors in joules. */
    private static EnergyFit fit(double intercept, double[] errors) {
        List<EnergyWindow> windows = new ArrayList<>();
        for (int i = 0; i < LAUNCHES.length; i++) {
            double seconds = LAUNCHES[i] * 0.002;
            windows.add(new EnergyWindow(
                    seconds,
                    0.6 * LAUNCHES[i] + intercept + errors[i],
                    LAUNCHES[i],
                    seconds,
                    seconds,
                    0,
                    Quantity.unavailable("no sensor"),
                    BoardState.UNKNOWN,
                    BoardState.UNKNOWN));
        }
        return EnergyFit.of(windows);
    }

    @Test
    void slopeAndInterceptAreThoseOfTheLine() {
        EnergyFit fit = fit(40, NONE);

        assertThat(value(fit.slope())).isEqualTo(0.6, within(1e-9));
        assertThat(value(fit.intercept())).isEqualTo(40, within(1e-6));
        assertThat(value(fit.meanJoules())).isEqualTo(2290, within(1e-6));
    }

    @Test
    void anInterceptAboveOnePercentIsABias() {
        assertThat(fit(40, NONE).isBiased(0.01)).isTrue();
        assertThat(fit(-40, NONE).isBiased(0.01)).isTrue();
        assertThat(fit(20, NONE).isBiased(0.01)).isFalse();
    }

    @Test
    void anInterceptThatNoiseExplainsIsNone() {
        // These errors alone make an intercept of 73 J, 3 % of a window, with a standard error of 59 J.
        EnergyFit fit = fit(0, new double[] {90, -10, 0, 0, -10, 10});

        assertThat(value(fit.intercept())).isEqualTo(73.3, within(0.1));
        assertThat(fit.isBiased(0.01)).isFalse();
    }
}
