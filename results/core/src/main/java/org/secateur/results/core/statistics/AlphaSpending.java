package org.secateur.results.core.statistics;

/**
 * How a total error rate is spent over several looks at growing data, so that looking again does not raise it: the
 * spending function {@code alpha ln(1 + (e - 1) t)}, near Pocock's equal shares (Lan and DeMets 1983). Each look takes
 * what is newly spent as its own error rate; by Bonferroni the sum bounds the total, however the looks depend.
 */
public final class AlphaSpending {
    private AlphaSpending() {}

    /**
     * What has been spent of {@code alpha} when a fraction of the data is there.
     *
     * @param fraction of the data of the last look, 0 to 1
     */
    public static double spent(double alpha, double fraction) {
        if (!(alpha > 0 && alpha < 1) || !(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("error rate " + alpha + " at fraction " + fraction
                    + ": expected a rate between 0 and 1, a fraction from 0 to 1");
        }
        return fraction == 1 ? alpha : alpha * Math.log1p((Math.E - 1) * fraction);
    }
}
