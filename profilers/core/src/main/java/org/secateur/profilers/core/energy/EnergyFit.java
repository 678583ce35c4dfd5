package org.secateur.profilers.core.energy;

import java.util.List;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

/**
 * The straight line E = a + e n through windows of different length, in joules over launches: what is the same in every
 * window, such as the lag of a sensor, goes into the intercept and out of the slope (criterion's linear sampling, on
 * energy).
 *
 * @param slope e, joules a launch, with its t-interval
 * @param intercept a, joules, with its t-interval
 * @param meanJoules of a window
 */
public record EnergyFit(Quantity slope, Quantity intercept, Quantity meanJoules) {
    private static final double CONFIDENCE = 0.95;

    /** The line through windows; both its numbers are missing for fewer than three, or for windows of one length. */
    static EnergyFit of(List<EnergyWindow> windows) {
        SimpleRegression line = new SimpleRegression();
        windows.forEach(window -> line.addData(window.launches(), window.joules()));
        Quantity mean = Quantity.derived(Estimate.exact(windows.stream()
                .mapToDouble(EnergyWindow::joules)
                .average()
                .orElseThrow(() -> new IllegalArgumentException("no window: at least one is needed"))));
        int n = windows.size();
        if (n < 3 || !Double.isFinite(line.getSlopeStdErr()) || !Double.isFinite(line.getInterceptStdErr())) {
            Quantity missing = Quantity.unavailable("a slope needs three windows of different length");
            return new EnergyFit(missing, missing, mean);
        }
        double t = new TDistribution(null, n - 2).inverseCumulativeProbability(0.5 + CONFIDENCE / 2);
        return new EnergyFit(
                estimate(line.getSlope(), t * line.getSlopeStdErr(), n),
                estimate(line.getIntercept(), t * line.getInterceptStdErr(), n),
                mean);
    }

    private static Quantity estimate(double value, double halfWidth, int windows) {
        return Quantity.derived(new Estimate(value, value - halfWidth, value + halfWidth, CONFIDENCE, windows));
    }

    /**
     * Whether the intercept shows a bias at the windows' edges: it is more than {@code share} of a window's energy, and
     * more than chance explains, so that noise alone seldom looks like a bias.
     */
    boolean isBiased(double share) {
        if (!(intercept instanceof Quantity.Known a) || !(meanJoules instanceof Quantity.Known mean)) {
            return false;
        }
        double bias = Math.abs(a.number().value());
        return bias > share * Math.abs(mean.number().value())
                && bias > a.number().halfWidth();
    }
}
