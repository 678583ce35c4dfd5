package org.secateur.results.core.statistics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Two clearly separated modes of a series of times, as two clock states or two algorithms make them. A single number
 * would describe neither.
 *
 * @param fast the median of the faster mode, in the series' unit
 * @param slow the median of the slower mode
 * @param slowShare how much of the series is in the slower mode, 0 to 1
 */
public record Modes(double fast, double slow, double slowShare) {
    /** The least gap between two modes, on the log scale. */
    private static final double GAP = 0.03;

    /** The least share of the values in a mode. */
    private static final double MASS = 0.10;

    /** The fewest values that are a mode, and not stragglers. */
    private static final int FEWEST = 4;

    /**
     * The modes, where there are two: the largest gap between neighbours on the log scale that leaves at least 10 % of
     * the values, and four, on each side is above 3 %, and wider than either side itself (without its extreme tenths),
     * so that the loose tail of one noisy mode is none.
     *
     * @param times positive, in any order
     */
    public static Optional<Modes> of(double[] times) {
        double[] logs = Arrays.stream(times).map(Math::log).sorted().toArray();
        int n = logs.length;
        int least = Math.max(FEWEST, (int) Math.ceil(MASS * n));
        int split = 0;
        double widest = GAP;
        for (int i = least; i <= n - least; i++) {
            if (logs[i] - logs[i - 1] > widest) {
                widest = logs[i] - logs[i - 1];
                split = i;
            }
        }
        if (split == 0 || range(logs, 0, split) >= widest || range(logs, split, n) >= widest) {
            return Optional.empty();
        }
        return Optional.of(new Modes(
                Math.exp(OrderStatistics.median(Arrays.copyOfRange(logs, 0, split))),
                Math.exp(OrderStatistics.median(Arrays.copyOfRange(logs, split, n))),
                (double) (n - split) / n));
    }

    /** The width of sorted values {@code from} to {@code to}, exclusive, without the tenth at either end. */
    private static double range(double[] sorted, int from, int to) {
        int tenth = (to - from) / 10;
        return sorted[to - 1 - tenth] - sorted[from + tenth];
    }

    /** Why there is no single number, in one sentence; the series is in seconds. */
    public String reason() {
        return String.format(
                Locale.ROOT,
                "two modes, %.4g s and, in %.0f %% of the blocks, %.4g s: one number would describe neither",
                fast,
                100 * slowShare,
                slow);
    }
}
