package org.secateur.results.core.statistics;

/**
 * The ratio candidate / baseline (below 1 is better) from pairs measured next to each other, with the exact interval
 * of the median log-ratio, and the verdict: SAME when the interval lies inside (-delta, delta), otherwise SLOWER when
 * its lower end is above 0, FASTER when its upper end is below 0, else UNDECIDED. Fewer than 6 pairs admit no 95 %
 * interval and are UNDECIDED.
 */
public record PairedComparison(Estimate ratio, Verdict verdict, int pairs, double delta) {

    /**
     * Compares pairs, {@code baseline[i]} measured next to {@code candidate[i]}.
     *
     * @param delta the half-width of equivalence on the log scale, for example 0.01
     */
    public static PairedComparison of(double[] baseline, double[] candidate, double delta, double confidence) {
        if (baseline.length != candidate.length || baseline.length == 0) {
            throw new IllegalArgumentException(baseline.length + " baseline and " + candidate.length
                    + " candidate blocks: expected as many of each");
        }
        double[] logRatios = new double[baseline.length];
        for (int i = 0; i < logRatios.length; i++) {
            if (!(baseline[i] > 0) || !(candidate[i] > 0)) {
                throw new IllegalArgumentException(
                        "pair " + i + ": " + baseline[i] + ", " + candidate[i] + " must be positive");
            }
            logRatios[i] = Math.log(candidate[i] / baseline[i]);
        }
        Estimate log = OrderStatistics.median(logRatios, confidence);
        Estimate ratio = new Estimate(
                Math.exp(log.value()), Math.exp(log.low()), Math.exp(log.high()), log.confidence(), log.blocks());
        return new PairedComparison(ratio, verdict(log, delta, confidence), logRatios.length, delta);
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
}
