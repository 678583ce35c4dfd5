package org.secateur.results.core.statistics;

/**
 * The Hodges-Lehmann estimate of location (Annals of Mathematical Statistics 34, 1963): the median of the means of all
 * pairs of samples, each with itself included. For information beside the median, which is what is published.
 */
public final class HodgesLehmann {
    private HodgesLehmann() {}

    /** The estimate of samples in any order; its time grows with the square of their number. */
    public static double of(double[] samples) {
        int n = samples.length;
        double[] means = new double[n * (n + 1) / 2];
        int next = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                means[next++] = (samples[i] + samples[j]) / 2;
            }
        }
        return OrderStatistics.median(means);
    }
}
