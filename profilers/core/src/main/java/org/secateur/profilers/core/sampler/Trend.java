package org.secateur.profilers.core.sampler;

/** Kendall's test for a trend in a short series, exact (Kendall, Rank Correlation Methods, 1948, chapter 5). */
final class Trend {
    private Trend() {}

    /**
     * The two-sided probability of a tau at least as extreme as that of {@code series} against its order, when the order
     * means nothing. Ties count as neither up nor down.
     */
    static double pValue(double[] series) {
        int n = series.length;
        int score = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                score += Double.compare(series[j], series[i]);
            }
        }
        int pairs = n * (n - 1) / 2;
        double tail = 0;
        double[] inversions = inversionProbabilities(n);
        for (int k = 0; k <= pairs; k++) {
            if (Math.abs(pairs - 2 * k) >= Math.abs(score)) {
                tail += inversions[k];
            }
        }
        return Math.min(1, tail);
    }

    /** The probability that a random order of n has k inversions, for each k. */
    private static double[] inversionProbabilities(int n) {
        double[] probabilities = {1};
        for (int m = 2; m <= n; m++) {
            double[] next = new double[probabilities.length + m - 1];
            for (int k = 0; k < probabilities.length; k++) {
                for (int add = 0; add < m; add++) {
                    next[k + add] += probabilities[k] / m;
                }
            }
            probabilities = next;
        }
        return probabilities;
    }
}
