package org.secateur.results.core.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.secateur.results.core.statistics.ChangePoints;
import org.secateur.results.core.statistics.ChangePoints.Change;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.FalseDiscovery;
import org.secateur.results.core.statistics.HodgesLehmann;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * A series with the changes of its level. Points that do not count are left out of all judging. Of many series those
 * changes stand that hold at a false discovery rate of 5 %.
 *
 * @param changes in order
 * @param noise the standard deviation of one point around its level, relative, from the median absolute deviation (times
 *     1.4826); none of fewer than five points that count
 * @param newest the newest point against those before it on its level, where it counts and there are at least five
 */
public record History(
        Series series, int leftOut, OptionalDouble noise, List<LevelChange> changes, Optional<Newest> newest) {
    /** Points that a newest one is held against. */
    private static final int RECENT = 20;

    private static final int LEAST_RECENT = 5;
    /** Turns a median absolute deviation into a standard deviation, under normal noise. */
    private static final double NORMAL = 1.4826;
    /** A single series' newest point is unusual beyond so many standard deviations. */
    private static final double UNUSUAL = 3.5;

    private static final double CONFIDENCE = 0.95;

    /**
     * The newest point.
     *
     * @param ratio to the median of the up to 20 before it
     * @param unusual whether it is further from it than noise explains: reason to compare old and new in pairs, no more
     */
    public record Newest(double ratio, boolean unusual) {}

    public History {
        changes = List.copyOf(changes);
    }

    /** The logarithms of the points that count, and which they are. */
    @SuppressWarnings("ArrayRecordComponent") // made and used here
    private record Counted(int[] indices, double[] logs) {
        static Counted of(Series series) {
            int[] indices = IntStream.range(0, series.points().size())
                    .filter(i -> series.points().get(i).counts())
                    .toArray();
            return new Counted(
                    indices,
                    Arrays.stream(indices)
                            .mapToDouble(i -> series.points().get(i).log())
                            .toArray());
        }

        double[] range(int from, int to) {
            return Arrays.copyOfRange(logs, from, to);
        }
    }

    /**
     * Judges series together.
     *
     * @param delta the least difference that counts, on the log scale
     * @param seed of the permutations
     */
    public static List<History> of(List<Series> all, double delta, long seed) {
        List<Counted> counted = all.stream().map(Counted::of).toList();
        List<List<Change>> found = new ArrayList<>();
        counted.forEach(c -> found.add(ChangePoints.of(c.logs, delta, seed)));
        long changed = found.stream().filter(changes -> !changes.isEmpty()).count();
        if (changed > 0) {
            // The smallest p-value has to be below this many series' share of the rate, or it could tell nothing.
            long needed = (long) Math.ceil(2 * all.size() / (FalseDiscovery.RATE * changed));
            if (needed > ChangePoints.PERMUTATIONS) {
                int permutations = Math.toIntExact(needed);
                for (int i = 0; i < found.size(); i++) {
                    if (!found.get(i).isEmpty()) {
                        found.set(i, ChangePoints.of(counted.get(i).logs, delta, permutations, seed));
                    }
                }
            }
        }
        double[] adjusted = FalseDiscovery.adjusted(found.stream()
                .mapToDouble(changes ->
                        changes.stream().mapToDouble(Change::pValue).min().orElse(1))
                .toArray());
        List<History> histories = new ArrayList<>();
        for (int i = 0; i < adjusted.length; i++) {
            List<Change> held = adjusted[i] <= FalseDiscovery.RATE ? found.get(i) : List.of();
            histories.add(of(all.get(i), counted.get(i), held, adjusted[i], delta, unusual(adjusted.length)));
        }
        return histories;
    }

    /** How many standard deviations are unusual among so many series (Bonferroni). */
    private static double unusual(int series) {
        NormalDistribution normal = new NormalDistribution(null, 0, 1);
        return -normal.inverseCumulativeProbability(normal.cumulativeProbability(-UNUSUAL) / series);
    }

    private static History of(
            Series series, Counted counted, List<Change> found, double adjusted, double delta, double unusual) {
        int n = counted.logs.length;
        int[] bounds = IntStream.concat(
                        IntStream.concat(IntStream.of(0), found.stream().mapToInt(Change::at)), IntStream.of(n))
                .toArray();
        List<LevelChange> changes = new ArrayList<>();
        double[] deviations = new double[n];
        for (int i = 1; i < bounds.length; i++) {
            double[] level = counted.range(bounds[i - 1], bounds[i]);
            for (int j = 0; j < level.length; j++) {
                deviations[bounds[i - 1] + j] = Math.abs(level[j] - OrderStatistics.median(level));
            }
            if (i > 1) {
                Estimate shift = HodgesLehmann.shift(counted.range(bounds[i - 2], bounds[i - 1]), level, CONFIDENCE);
                changes.add(new LevelChange(
                        counted.indices[bounds[i - 1] - 1],
                        counted.indices[bounds[i - 1]],
                        exp(shift),
                        found.get(i - 2).pValue(),
                        adjusted));
            }
        }
        boolean newestCounts =
                n > 0 && counted.indices[n - 1] == series.points().size() - 1;
        return new History(
                series,
                series.points().size() - n,
                n < LEAST_RECENT
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(NORMAL * OrderStatistics.median(deviations)),
                changes,
                newestCounts ? newest(counted.range(bounds[bounds.length - 2], n), delta, unusual) : Optional.empty());
    }

    private static Estimate exp(Estimate log) {
        return new Estimate(
                Math.exp(log.value()), Math.exp(log.low()), Math.exp(log.high()), log.confidence(), log.blocks());
    }

    /** The last point of a level against the others. */
    private static Optional<Newest> newest(double[] level, double delta, double unusual) {
        int last = level.length - 1;
        if (last < LEAST_RECENT) {
            return Optional.empty();
        }
        double[] recent = Arrays.copyOfRange(level, Math.max(0, last - RECENT), last);
        double median = OrderStatistics.median(recent);
        double deviation = NORMAL
                * OrderStatistics.median(
                        Arrays.stream(recent).map(x -> Math.abs(x - median)).toArray());
        double off = level[last] - median;
        return Optional.of(new Newest(Math.exp(off), Math.abs(off) > Math.max(delta, unusual * deviation)));
    }

    /** The newest change, where there is one. */
    public Optional<LevelChange> newestChange() {
        return changes.isEmpty() ? Optional.empty() : Optional.of(changes.getLast());
    }
}
