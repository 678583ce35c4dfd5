package org.secateur.results.core.statistics;

import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;

/** A fraction of successes with its Wilson score interval (Wilson 1927). */
public final class Proportion {
    private Proportion() {}

    /**
     * The fraction {@code successes / trials} with its Wilson interval.
     *
     * @throws IllegalArgumentException unless {@code 0 <= successes <= trials} and {@code trials >= 1}
     */
    public static Estimate wilson(int successes, int trials, double confidence) {
        if (trials < 1 || successes < 0 || successes > trials) {
            throw new IllegalArgumentException(
                    successes + " of " + trials + ": expected 0 to trials, trials at least 1");
        }
        ConfidenceInterval interval = new WilsonScoreInterval().createInterval(trials, successes, confidence);
        double value = (double) successes / trials;
        return new Estimate(
                value,
                Math.min(value, Math.max(0, interval.getLowerBound())),
                Math.max(value, Math.min(1, interval.getUpperBound())),
                confidence,
                trials);
    }

    /**
     * The difference of two paired fractions, b minus a, over the same trials: {@code onlyB} were right in b alone,
     * {@code onlyA} in a alone; the interval is the normal one for paired proportions (Agresti and Min 2005, with one
     * half added to every cell).
     */
    public static Estimate pairedDifference(int onlyB, int onlyA, int trials, double confidence) {
        if (trials < 1 || onlyA < 0 || onlyB < 0 || (long) onlyA + onlyB > trials) {
            throw new IllegalArgumentException(
                    onlyB + " and " + onlyA + " discordant of " + trials + ": expected at most all trials");
        }
        double n = trials + 2.0;
        double b = onlyB + 0.5;
        double a = onlyA + 0.5;
        double z = new org.apache.commons.math3.distribution.NormalDistribution(null, 0, 1)
                .inverseCumulativeProbability(0.5 + confidence / 2);
        double half = z * Math.sqrt((b + a) - (b - a) * (b - a) / n) / n;
        double value = (double) (onlyB - onlyA) / trials;
        double centre = (b - a) / n;
        return new Estimate(value, Math.min(value, centre - half), Math.max(value, centre + half), confidence, trials);
    }
}
