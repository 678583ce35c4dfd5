package org.secateur.results.core.statistics;

import java.util.Arrays;

/**
 * The Hodges-Lehmann estimates (Annals of Mathematical Statistics 34, 1963). That of location is for information beside
 * the median, which is what is published; that of shift compares what was not measured in pairs.
 */
public final class HodgesLehmann {
    private HodgesLehmann() {}

    /**
     * The location of samples in any order: the median of the means of all pairs, each with itself included. Its time
     * grows with the square of their number.
     */
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

    /**
     * By how much the samples after are above those before: the median of all differences, with the exact
     * distribution-free interval of Moses from Mann and Whitney's statistic (Hollander, Wolfe and Chicken, Nonparametric
     * Statistical Methods, 3rd ed., 4.3): of the differences in order, ranks {@code k} and {@code mn+1-k} hold the shift
     * with probability {@code 1 - 2 P(U < k)}. Where so few samples cannot reach the confidence (3 and 3 for
     * 95 %), the interval is the full range and the estimate states the confidence that range really has.
     *
     * @throws IllegalArgumentException when there is no sample on a side, or one is not finite
     */
    public static Estimate shift(double[] before, double[] after, double confidence) {
        int m = before.length;
        int n = after.length;
        if (m == 0 || n == 0) {
            throw new IllegalArgumentException(m + " and " + n + " samples: a shift needs some on both sides");
        }
        double[] differences = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                differences[i * n + j] = after[j] - before[i];
            }
        }
        Arrays.sort(differences);
        double[] chances = mannWhitney(m, n);
        int rank = 1;
        double below = chances[0];
        while (2 * (rank + 1) <= m * n && 1 - 2 * (below + chances[rank]) >= confidence) {
            below += chances[rank];
            rank++;
        }
        return new Estimate(
                OrderStatistics.median(differences),
                differences[rank - 1],
                differences[m * n - rank],
                Math.max(0, 1 - 2 * below),
                m + n);
    }

    /** The probability of each value of Mann and Whitney's statistic, 0 to mn, where nothing is shifted. */
    static double[] mannWhitney(int m, int n) {
        // In how many ways the first r ranks can be dealt so that j go to the first sample, which then has statistic u.
        double[][] ways = new double[m + 1][m * n + 1];
        ways[0][0] = 1;
        for (int r = 1; r <= m + n; r++) {
            for (int j = Math.min(r, m); j >= Math.max(1, r - n); j--) {
                for (int u = m * n; u >= r - j; u--) {
                    ways[j][u] += ways[j - 1][u - (r - j)];
                }
            }
        }
        double all = Arrays.stream(ways[m]).sum();
        return Arrays.stream(ways[m]).map(w -> w / all).toArray();
    }
}
