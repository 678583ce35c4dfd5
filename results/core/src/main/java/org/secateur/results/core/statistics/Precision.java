package org.secateur.results.core.statistics;

/** Whether a median is known as precisely as was asked for. */
public final class Precision {
    private Precision() {}

    /**
     * Whether the interval of a median is wider than asked for, or cannot reach the confidence: half of its width on the
     * log scale, times the root of the number of values over the number of independent ones that they are worth, above
     * {@code halfWidth}.
     *
     * @param medians of blocks, positive, in the order measured
     */
    public static boolean isWide(double[] medians, double halfWidth, double confidence) {
        Estimate estimate = OrderStatistics.median(medians, confidence);
        double effective = Autocorrelation.effectiveCount(medians.length, Autocorrelation.lag1(medians));
        double found = Math.log(estimate.high() / estimate.low()) / 2 * Math.sqrt(medians.length / effective);
        return estimate.confidence() < confidence || found > halfWidth;
    }
}
