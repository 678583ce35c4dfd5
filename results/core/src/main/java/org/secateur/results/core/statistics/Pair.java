package org.secateur.results.core.statistics;

import java.util.ArrayList;
import java.util.List;

/**
 * Two things measured next to each other: the raw sample of a comparison.
 *
 * @param baseline seconds, or joules, of one launch; positive
 * @param candidate the same of the other thing
 */
public record Pair(double baseline, double candidate, First first) {
    /** Which of the two was measured first. */
    public enum First {
        BASELINE,
        CANDIDATE,
        UNKNOWN
    }

    public Pair {
        if (!(baseline > 0) || !(candidate > 0) || Double.isInfinite(baseline) || Double.isInfinite(candidate)) {
            throw new IllegalArgumentException(
                    "a pair of " + baseline + " and " + candidate + ": both must be positive and finite");
        }
    }

    /** The logarithm of candidate / baseline. */
    public double logRatio() {
        return Math.log(candidate / baseline);
    }

    /**
     * Pairs in whatever order, {@code baseline[i]} measured next to {@code candidate[i]}.
     *
     * @throws IllegalArgumentException when there are not as many of each, or one is not positive
     */
    public static List<Pair> of(double[] baseline, double[] candidate) {
        if (baseline.length != candidate.length) {
            throw new IllegalArgumentException(baseline.length + " baseline and " + candidate.length
                    + " candidate blocks: expected as many of each");
        }
        List<Pair> pairs = new ArrayList<>(baseline.length);
        for (int i = 0; i < baseline.length; i++) {
            pairs.add(new Pair(baseline[i], candidate[i], First.UNKNOWN));
        }
        return pairs;
    }
}
