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
        return median(samples, 0, confidence);
    }

    /**
     * The median of samples and of further ones, of which is known only that they are greater than all others
     * (right-censored). Where the interval would end among those, it ends at the greatest known sample, and the estimate
     * states the confidence that is left: {@code P(lower <= Binomial(n, 1/2) < upper)} for its two ranks.
     *
     * @param samples the known ones
     * @param beyond how many further ones there are
     * @throws IllegalArgumentException when there is no sample, one is not finite, or the median lies among those beyond
     */
    public static Estimate median(double[] samples, int beyond, double confidence) {
        int n = samples.length + beyond;
        if (beyond < 0 || n / 2 >= samples.length) {
            throw new IllegalArgumentException(samples.length + " known samples and " + beyond
                    + " beyond them: more than half must be known for a median");
        }
        double[] sorted = Arrays.copyOf(samples, n);
        Arrays.fill(sorted, samples.length, n, Double.POSITIVE_INFINITY);
        Arrays.sort(sorted);
        int rank = lowerRank(n, confidence);
        double covered = n + 1 - rank <= samples.length ? coverage(n, rank) : coverage(n, rank, samples.length);
        return new Estimate(
                middle(sorted), sorted[rank - 1], sorted[Math.min(n + 1 - rank, samples.length) - 1], covered, n);
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

    /** The probability that two ranks enclose it. */
    private static double coverage(int n, int lower, int upper) {
        BinomialDistribution below = new BinomialDistribution(null, n, 0.5);
        return Math.max(0, below.cumulativeProbability(upper - 1) - below.cumulativeProbability(lower - 1));
    }

    private static double middle(double[] sorted) {
        int n = sorted.length;
        if (n == 0) {
            throw new IllegalArgumentException("no samples: at least one is needed for a median");
        }
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
}
