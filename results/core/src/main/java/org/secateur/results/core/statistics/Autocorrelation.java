package org.secateur.results.core.statistics;

import java.util.Arrays;

/** The dependence of neighbours in a series, and how many independent values the series is worth. */
public final class Autocorrelation {
    /** Spread below this, relative to the mean, is rounding. */
    private static final double ROUNDING = 1e-12;

    private Autocorrelation() {}

    /**
     * The lag-one autocorrelation, -1 to 1 (Box, Jenkins and Reinsel, Time Series Analysis, 2.1.5); 0 for fewer than
     * three values, and for values that are all the same.
     */
    public static double lag1(double[] series) {
        int n = series.length;
        double mean = Arrays.stream(series).average().orElse(0);
        double squares = 0;
        double products = 0;
        for (int i = 0; i < n; i++) {
            double deviation = series[i] - mean;
            squares += deviation * deviation;
            products += i == 0 ? 0 : deviation * (series[i - 1] - mean);
        }
        boolean constant = Math.sqrt(squares / Math.max(1, n)) <= ROUNDING * Math.abs(mean);
        return n < 3 || constant ? 0 : products / squares;
    }

    /**
     * The number of independent values whose mean is as precise as that of {@code n} values of a first-order
     * autoregressive series: {@code n (1 - rho) / (1 + rho)} (Bayley and Hammersley 1946). A negative {@code rho}
     * counts as 0: what short series show of it is mostly chance.
     *
     * @param rho the lag-one autocorrelation, -1 to 1
     */
    public static double effectiveCount(int n, double rho) {
        double held = Math.clamp(rho, 0.0, 0.99);
        return n * (1 - held) / (1 + held);
    }
}
