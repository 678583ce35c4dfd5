package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An axis of a {@link RefiningPlan}: widths or batches, ascending.
 *
 * @param stepped whether the cost is a staircase along it, with edges likely behind multiples of a vector's channels
 */
public record PlanAxis(List<Integer> values, boolean stepped) {
    private static final int COARSE = 16;

    public PlanAxis {
        values = List.copyOf(values);
        if (values.isEmpty() || values.get(0) < 1) {
            throw new IllegalArgumentException("axis " + values + ": expected at least one value, from 1 on");
        }
        for (int i = 1; i < values.size(); i++) {
            if (values.get(i) <= values.get(i - 1)) {
                throw new IllegalArgumentException("axis " + values + ": expected ascending values");
            }
        }
    }

    /** All widths of a range, ends included. */
    public static PlanAxis widths(int from, int to) {
        return new PlanAxis(IntStream.rangeClosed(from, to).boxed().toList(), true);
    }

    /** Batch sizes, along which a cost has no steps. */
    public static PlanAxis batches(Collection<Integer> sizes) {
        return new PlanAxis(sizes.stream().distinct().sorted().toList(), false);
    }

    /** The place of a value. */
    int place(int value) {
        int place = Collections.binarySearch(values, value);
        if (place < 0) {
            throw new IllegalArgumentException("value " + value + ": expected one of " + values);
        }
        return place;
    }

    /** How far two places are apart, in values. */
    int length(int from, int to) {
        return values.get(to) - values.get(from);
    }

    /** Where a place lies between two others, 0 to 1. */
    double share(int from, int to, int at) {
        return (double) length(from, at) / length(from, to);
    }

    /**
     * The places after which the coarse grid is cut: behind multiples of 16, or of half the greatest power of two not
     * above the width where that is more; and so that the first and the last cell lie in one quantum of 8, since no
     * width beyond them is measured that would show whether they begin or end a step.
     */
    List<Integer> cuts() {
        List<Integer> cuts = new ArrayList<>();
        for (int place = 0; stepped && place < values.size() - 1; place++) {
            int value = values.get(place);
            int grid = Math.max(COARSE, Integer.highestOneBit(value) / 2);
            boolean first = quantum(value) == quantum(values.get(0)) && quantum(values.get(place + 1)) > quantum(value);
            boolean last = quantum(value) + 1 == quantum(values.get(values.size() - 1))
                    && quantum(values.get(place + 1)) > quantum(value);
            if (value % grid == 0 || first || last) {
                cuts.add(place);
            }
        }
        return cuts;
    }

    private static int quantum(int value) {
        return (value - 1) / WidthBoxes.QUANTUM;
    }

    /**
     * The place {@code p} of a likely edge, between {@code p} and the next, with {@code from <= p < to}: where an edge is
     * known, else behind a multiple of 8 or 4, else in the middle; of several the most central.
     */
    int between(int from, int to, Collection<Integer> edges) {
        List<Integer> likely = edges.stream().filter(p -> p >= from && p < to).toList();
        for (int multiple = WidthBoxes.QUANTUM; stepped && likely.isEmpty() && multiple >= 4; multiple /= 2) {
            int grid = multiple;
            likely = IntStream.range(from, to)
                    .filter(p -> values.get(p) % grid == 0)
                    .boxed()
                    .toList();
        }
        int middle = (from + to) / 2;
        int best = middle;
        int distance = Integer.MAX_VALUE;
        for (int place : likely) {
            if (Math.abs(2 * place + 1 - from - to) < distance) {
                distance = Math.abs(2 * place + 1 - from - to);
                best = place;
            }
        }
        return best;
    }
}
