package org.secateur.results.core.statistics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Many tests at once (Benjamini and Hochberg 1995). */
public final class FalseDiscovery {
    /** The share of false ones that is accepted among the discoveries. */
    public static final double RATE = 0.05;

    private FalseDiscovery() {}

    /**
     * The adjusted p-values, in the order given: of the tests with an adjusted value up to q, the expected share of
     * those without an effect is at most q.
     *
     * @param pValues 0 to 1 each
     */
    public static double[] adjusted(double[] pValues) {
        for (double p : pValues) {
            if (!(p >= 0 && p <= 1)) {
                throw new IllegalArgumentException("p-value " + p + ": expected 0 to 1");
            }
        }
        int[] descending = IntStream.range(0, pValues.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> pValues[i]).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
        double[] adjusted = new double[pValues.length];
        Arrays.fill(adjusted, 1);
        double least = 1;
        for (int i = 0; i < descending.length; i++) {
            int rank = descending.length - i;
            least = Math.min(least, pValues[descending[i]] * descending.length / rank);
            adjusted[descending[i]] = least;
        }
        return adjusted;
    }
}
