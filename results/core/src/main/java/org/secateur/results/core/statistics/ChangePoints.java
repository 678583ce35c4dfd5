package org.secateur.results.core.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.commons.math3.stat.ranking.NaturalRanking;

/**
 * Where a series changes its level: E-divisive (Matteson and James 2014) on ranks, so that one outlier says no more than
 * any other extreme value. A split of a segment tells the more, the larger the energy distance of its two sides. The best
 * of all splits is taken when few permutations within the segments have a split that tells as much; then its two parts are
 * looked at too. Each permutation is searched for its own best split, so that the p-value holds for a place that was
 * searched for, and permutations are drawn by a seed, so that the same series always has the same changes.
 */
public final class ChangePoints {
    /** The last points, which are all that is looked at. */
    private static final int WINDOW = 100;
    /** Points on either side of a change. */
    private static final int LEAST_SEGMENT = 5;

    /** Series with fewer points have no change. */
    public static final int LEAST_POINTS = 2 * LEAST_SEGMENT;
    /** As many permutations as tell a p-value of one in a thousand. */
    public static final int PERMUTATIONS = 999;

    private static final double ALPHA = 0.01;

    /**
     * A change of level.
     *
     * @param at index of the first point on the new level
     * @param before median of the segment that ends there
     * @param after median of the segment that begins there
     * @param pValue of the split when it was found
     */
    public record Change(int at, double before, double after, double pValue) {}

    /** A place within the segment from {@code from} to before {@code to}, with the statistic of its two sides. */
    private record Split(int from, int at, int to, double statistic) {}

    private final double[] values;
    private final double[] ranks;
    private final TreeSet<Integer> bounds;
    private final int permutations;
    private final SplittableRandom random;

    private ChangePoints(double[] values, int permutations, long seed) {
        this.values = values;
        this.permutations = permutations;
        ranks = new NaturalRanking().rank(values);
        bounds = new TreeSet<>(List.of(0, values.length));
        random = new SplittableRandom(seed);
    }

    /**
     * The changes in the last 100 points, in order; none in fewer than ten.
     *
     * @param series numbers, the oldest first, for example log ratios
     * @param delta the least difference of medians that counts, at least 0
     * @param seed of the permutations
     */
    public static List<Change> of(double[] series, double delta, long seed) {
        return of(series, delta, PERMUTATIONS, seed);
    }

    /**
     * The same with p-values of another resolution: among many series a p-value has to be smaller to tell anything.
     *
     * @param permutations at least 99, below which no p-value is as small as is asked for
     */
    public static List<Change> of(double[] series, double delta, int permutations, long seed) {
        if (permutations < 99) {
            throw new IllegalArgumentException("permutations " + permutations + ": expected at least 99");
        }
        if (!(delta >= 0) || !Arrays.stream(series).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException(
                    "least difference " + delta + " in " + Arrays.toString(series) + ": expected numbers, at least 0");
        }
        if (series.length < LEAST_POINTS) {
            return List.of();
        }
        int skipped = Math.max(0, series.length - WINDOW);
        return new ChangePoints(Arrays.copyOfRange(series, skipped, series.length), permutations, seed)
                .found(delta).stream()
                        .map(c -> new Change(skipped + c.at, c.before, c.after, c.pValue))
                        .toList();
    }

    private List<Change> found(double delta) {
        List<Change> changes = new ArrayList<>();
        for (Split best = best(ranks); best.statistic > 0; best = best(ranks)) {
            double p = pValue(best.statistic);
            double before = median(best.from, best.at);
            double after = median(best.at, best.to);
            if (p > ALPHA || Math.abs(after - before) < delta) {
                break;
            }
            bounds.add(best.at);
            changes.add(new Change(best.at, before, after, p));
        }
        // The sides of an early change may have been split later.
        return changes.stream()
                .map(c -> new Change(
                        c.at,
                        median(bounds.headSet(c.at).last(), c.at),
                        median(c.at, bounds.tailSet(c.at, false).first()),
                        c.pValue))
                .sorted(Comparator.comparingInt(Change::at))
                .toList();
    }

    private double median(int from, int to) {
        return OrderStatistics.median(Arrays.copyOfRange(values, from, to));
    }

    /** The split that tells the most of all segments; one with statistic 0 where no segment is long enough. */
    private Split best(double[] points) {
        Split best = new Split(0, 0, 0, 0);
        int from = bounds.first();
        for (int to : bounds.tailSet(from, false)) {
            Split split = best(points, from, to);
            best = split.statistic > best.statistic ? split : best;
            from = to;
        }
        return best;
    }

    /** As in equation (5) of the paper with exponent 1: {@code mn/(m+n) (2 between - within left - within right)}. */
    private static Split best(double[] points, int from, int to) {
        double right = 0;
        double between = 0;
        for (int i = from; i < to; i++) {
            for (int j = from; j < i; j++) {
                right += Math.abs(points[i] - points[j]);
            }
        }
        double left = 0;
        Split best = new Split(from, from, to, 0);
        for (int at = from + 1; at <= to - LEAST_SEGMENT; at++) {
            // The point before "at" goes from the right to the left.
            double toLeft = 0;
            double toRight = 0;
            for (int i = from; i < to; i++) {
                double distance = Math.abs(points[at - 1] - points[i]);
                toLeft += i < at ? distance : 0;
                toRight += i < at ? 0 : distance;
            }
            left += toLeft;
            right -= toRight;
            between += toRight - toLeft;
            double m = at - from;
            double n = to - at;
            if (m >= LEAST_SEGMENT) {
                double distance = 2 * between / (m * n) - left / (m * (m - 1) / 2) - right / (n * (n - 1) / 2);
                double statistic = m * n / (m + n) * distance;
                best = statistic > best.statistic ? new Split(from, at, to, statistic) : best;
            }
        }
        return best;
    }

    private double pValue(double statistic) {
        int asTelling = 0;
        for (int i = 0; i < permutations; i++) {
            asTelling += best(permuted()).statistic >= statistic ? 1 : 0;
        }
        return (asTelling + 1.0) / (permutations + 1.0);
    }

    /** The ranks, shuffled within each segment. */
    private double[] permuted() {
        double[] points = ranks.clone();
        int from = bounds.first();
        for (int to : bounds.tailSet(from, false)) {
            for (int i = to - 1; i > from; i--) {
                int j = from + random.nextInt(i - from + 1);
                double point = points[i];
                points[i] = points[j];
                points[j] = point;
            }
            from = to;
        }
        return points;
    }
}
