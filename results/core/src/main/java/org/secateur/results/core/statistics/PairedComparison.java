package org.secateur.results.core.statistics;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.inference.WilcoxonSignedRankTest;

/**
 * The ratio candidate / baseline (below 1 is better) from pairs measured next to each other, with the exact interval
 * of the median log-ratio, and the verdict: SAME when the interval lies inside (-delta, delta), otherwise SLOWER when
 * its lower end is above 0, FASTER when its upper end is below 0, else UNDECIDED. Fewer than 6 pairs admit no 95 %
 * interval and are UNDECIDED.
 *
 * @param samples the pairs themselves, in the order measured: all else follows from them, {@code delta} and
 *     {@code confidence}
 * @param delta the half-width of equivalence on the log scale
 * @param confidence that the interval must reach for a verdict
 * @param pairNoise the standard deviation of the log-ratio of one pair, from the median absolute deviation (times
 *     1.4826); what changes the pairs could have shown depends on it
 * @param pValue of Wilcoxon's signed-rank test that the log-ratios lie around 0, for information: verdicts do not use it
 */
public record PairedComparison(
        Estimate ratio,
        Verdict verdict,
        List<Pair> samples,
        double delta,
        double confidence,
        double pairNoise,
        double pValue) {
    /** Differences below this are no difference, however quiet the machine. */
    public static final double LEAST_DELTA = 0.01;

    /** Turns a median absolute deviation into a standard deviation, under normal noise. */
    private static final double NORMAL = 1.4826;

    public PairedComparison {
        samples = List.copyOf(samples);
    }

    /** Compares pairs of whatever order, {@code baseline[i]} measured next to {@code candidate[i]}. */
    public static PairedComparison of(double[] baseline, double[] candidate, double delta, double confidence) {
        return of(Pair.of(baseline, candidate), delta, confidence);
    }

    /**
     * Compares pairs.
     *
     * @param delta the half-width of equivalence on the log scale, for example 0.01
     * @throws IllegalArgumentException when there is no pair
     */
    public static PairedComparison of(List<Pair> samples, double delta, double confidence) {
        double[] logRatios = samples.stream().mapToDouble(Pair::logRatio).toArray();
        Estimate log = OrderStatistics.median(logRatios, confidence);
        Estimate ratio = new Estimate(
                Math.exp(log.value()), Math.exp(log.low()), Math.exp(log.high()), log.confidence(), log.blocks());
        double[] deviations =
                Arrays.stream(logRatios).map(d -> Math.abs(d - log.value())).toArray();
        return new PairedComparison(
                ratio,
                verdict(log, delta, confidence),
                samples,
                delta,
                confidence,
                NORMAL * OrderStatistics.median(deviations),
                signedRank(logRatios));
    }

    /** How many pairs. */
    public int pairs() {
        return samples.size();
    }

    /** Whether a change is FASTER or SLOWER by more than delta, with all of its interval: what may fail a build. */
    public boolean material() {
        return switch (verdict) {
            case SLOWER -> Math.log(ratio.low()) >= delta;
            case FASTER -> Math.log(ratio.high()) <= -delta;
            case SAME, UNDECIDED -> false;
        };
    }

    /** The largest difference, on the log scale, that the interval admits. */
    public double largestDifference() {
        return Math.max(Math.abs(Math.log(ratio.low())), Math.abs(Math.log(ratio.high())));
    }

    /**
     * The half-width of equivalence for what is compared after this, on the log scale, where this is of a thing with
     * itself: 1 %, or twice what it could not exclude.
     */
    public double equivalence() {
        return Math.max(LEAST_DELTA, 2 * largestDifference());
    }

    private static Verdict verdict(Estimate log, double delta, double confidence) {
        if (log.confidence() < confidence) {
            return Verdict.UNDECIDED;
        }
        if (log.low() > -delta && log.high() < delta) {
            return Verdict.SAME;
        }
        if (log.low() > 0) {
            return Verdict.SLOWER;
        }
        return log.high() < 0 ? Verdict.FASTER : Verdict.UNDECIDED;
    }

    /** Exact for up to 50 pairs without ties; where all are the same, nothing speaks against 0. */
    private static double signedRank(double[] logRatios) {
        return Arrays.stream(logRatios).allMatch(d -> d == 0)
                ? 1
                : WilcoxonSignedRankTest.withDefaults().test(logRatios).getPValue();
    }
}
