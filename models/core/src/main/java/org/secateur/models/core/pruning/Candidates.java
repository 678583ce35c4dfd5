package org.secateur.models.core.pruning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The widths of a group that are worth considering: the width at hand, the number of live channels, and every width
 * that no wider kept one undercuts.
 */
public final class Candidates {
    /** More than this many are thinned out. */
    public static final int MOST = 16;

    private Candidates() {}

    /**
     * Chooses among widths. A wider kept one dominates if, within the error, it costs no more beside any choice of the
     * neighbours. If more than {@value #MOST} are left, those go first whose saving over the next wider one is least.
     *
     * @param widths ascending; the last is the width at hand, and {@code live} is one of them
     * @param live the number of channels that are not dead
     * @param costs for each width the cost beside each choice of the neighbours, all rows of the same length
     * @param error the costs' relative error, 0 or more
     * @return the candidates, ascending
     */
    public static int[] of(int[] widths, int live, double[][] costs, double error) {
        int liveAt = Arrays.binarySearch(widths, live);
        if (widths.length == 0 || liveAt < 0 || costs.length != widths.length || !(error >= 0)) {
            throw new IllegalArgumentException("widths " + Arrays.toString(widths) + " with " + costs.length
                    + " rows of costs, " + live + " live channels and error " + error
                    + ": expected the live channels among the widths, a row for each, and an error of 0 or more");
        }
        int current = widths.length - 1;
        List<Integer> kept = new ArrayList<>(List.of(current));
        for (int i = current - 1; i >= 0; i--) {
            double[] row = costs[i];
            if (i == liveAt || kept.stream().noneMatch(wider -> noDearer(costs[wider], row, error))) {
                kept.add(i);
            }
        }
        while (kept.size() > MOST) {
            int narrowest = kept.get(kept.size() - 1);
            int least = kept.stream()
                    .filter(i -> i != current && i != liveAt && i != narrowest)
                    .min(Comparator.comparingDouble(i -> saving(costs, kept.get(kept.indexOf(i) - 1), i)))
                    .orElseThrow();
            kept.remove(Integer.valueOf(least));
        }
        return kept.stream().mapToInt(i -> widths[i]).sorted().toArray();
    }

    private static boolean noDearer(double[] wider, double[] narrower, double error) {
        for (int n = 0; n < narrower.length; n++) {
            if (wider[n] > narrower[n] * (1 + error)) {
                return false;
            }
        }
        return true;
    }

    private static double saving(double[][] costs, int wider, int narrower) {
        return Arrays.stream(costs[wider]).sum()
                - Arrays.stream(costs[narrower]).sum();
    }
}
