package org.secateur.results.core.statistics;

import java.util.Arrays;
import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * The median with its exact distribution-free interval from order statistics (David and Nagaraja, Order Statistics,
 * 3rd ed., 7.1): ranks {@code r} and {@code n+1-r} cover the median with probability
 * {@code 1 - 2 P(Binomial(n, 1/2) < r)}. It is the one interval this project publishes.
 */
public final class OrderStatistics {
    private OrderStatistics() {}

    /**
     * The median of independent samples with the narrowest order-statistic interval that reaches {@code confidence}.
     * Where so few samples cannot reach it (below 6 for 95 %), the interval is the full range and the estimate states
     * the confidence that range really has.
     *
     * @throws IllegalArgumentException when there is no sample or one is not finite
     */
    public static Estimate median(double[] samples, double confidence) {
        if (samples.length == 0) {
            throw new IllegalArgumentException("no samples: at least one is needed for a median");
        }
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        int rank = lowerRank(n, confidence);
        return new Estimate(middle(sorted), sorted[rank - 1], sorted[n - rank], coverage(n, rank), n);
    }

    /** The median of samples in any order. */
    public static double median(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return middle(sorted);
    }

    /** The greatest rank r whose interval [r, n+1-r] still reaches the confidence; 1 when none does. */
    static int lowerRank(int n, double confidence) {
        int rank = 1;
        while (2 * (rank + 1) <= n && coverage(n, rank + 1) >= confidence) {
            rank++;
        }
        return rank;
    }

    /** The probability that ranks r and n+1-r enclose the median of a continuous distribution. */
    static double coverage(int n, int rank) {
        return Math.max(0, 1 - 2 * new BinomialDistribution(null, n, 0.5).cumulativeProbability(rank - 1));
    }

    private static double middle(double[] sorted) {
        int n = sorted.length;
        if (n == 0) {
            throw new IllegalArgumentException("no samples: at least one is needed for a median");
        }
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
}
