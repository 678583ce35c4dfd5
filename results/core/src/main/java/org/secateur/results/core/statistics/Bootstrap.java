package org.secateur.results.core.statistics;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * The bias-corrected and accelerated bootstrap interval (Efron, Better Bootstrap Confidence Intervals, JASA 82, 1987).
 * For information beside the order-statistic interval, which covers exactly and is what is published.
 */
public final class Bootstrap {
    /** Their tails then hold 25 each: enough beside an interval that is published. */
    private static final int RESAMPLES = 1000;

    private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

    private Bootstrap() {}

    /**
     * A statistic with its interval.
     *
     * @param samples independent, at least 2
     * @param seed of the resampling
     */
    public static Estimate bca(double[] samples, ToDoubleFunction<double[]> statistic, double confidence, long seed) {
        if (samples.length < 2) {
            throw new IllegalArgumentException(samples.length + " samples: at least 2 are needed");
        }
        double value = statistic.applyAsDouble(samples);
        double[] resampled = resampled(samples, statistic, seed);
        double bias = NORMAL.inverseCumulativeProbability(shareBelow(resampled, value));
        double acceleration = acceleration(samples, statistic);
        double tail = (1 - confidence) / 2;
        double low = quantile(resampled, corrected(bias, acceleration, tail));
        double high = quantile(resampled, corrected(bias, acceleration, 1 - tail));
        return new Estimate(value, Math.min(low, value), Math.max(high, value), confidence, samples.length);
    }

    private static double[] resampled(double[] samples, ToDoubleFunction<double[]> statistic, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] drawn = new double[samples.length];
        double[] values = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            for (int j = 0; j < drawn.length; j++) {
                drawn[j] = samples[random.nextInt(samples.length)];
            }
            values[i] = statistic.applyAsDouble(drawn);
        }
        Arrays.sort(values);
        return values;
    }

    /** Ties count half; never 0 or 1, where the bias would be infinite. */
    private static double shareBelow(double[] sorted, double value) {
        double below = 0;
        for (double each : sorted) {
            below += each < value ? 1 : each == value ? 0.5 : 0;
        }
        return Math.clamp(below / sorted.length, 0.5 / sorted.length, 1 - 0.5 / sorted.length);
    }

    /** From the jackknife's skewness; 0 where leaving out any one sample changes nothing. */
    private static double acceleration(double[] samples, ToDoubleFunction<double[]> statistic) {
        int n = samples.length;
        double[] without = new double[n];
        double[] left = new double[n - 1];
        double mean = 0;
        for (int i = 0; i < n; i++) {
            System.arraycopy(samples, 0, left, 0, i);
            System.arraycopy(samples, i + 1, left, i, n - 1 - i);
            without[i] = statistic.applyAsDouble(left);
            mean += without[i] / n;
        }
        double squares = 0;
        double cubes = 0;
        for (double each : without) {
            double difference = mean - each;
            squares += difference * difference;
            cubes += difference * difference * difference;
        }
        return squares > 0 ? cubes / (6 * Math.pow(squares, 1.5)) : 0;
    }

    private static double corrected(double bias, double acceleration, double share) {
        double shifted = bias + NORMAL.inverseCumulativeProbability(share);
        return NORMAL.cumulativeProbability(bias + shifted / (1 - acceleration * shifted));
    }

    private static double quantile(double[] sorted, double share) {
        return sorted[(int) Math.clamp(Math.floor(share * sorted.length), 0.0, sorted.length - 1.0)];
    }
}
