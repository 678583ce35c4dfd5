package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.statistics.Estimate;

/**
 * Measured rows of one family over batch, input and output width, and the boxes between them: a box has a measured row
 * at each corner, and may be flat in any of the three. A cost is interpolated only in a box that lies on one step of the
 * staircase, by one of two signs:
 *
 * <ul>
 *   <li>its corners agree within {@link MeasuredCosts#SAME_STEP}, and no row inside disagrees; or
 *   <li>it is affine: at least one row inside is there, all of them agree within the same share with the multilinear
 *       interpolation of the corners, and the box could show an edge if it held one. A grid of the last widths of steps
 *       only, or of the first only, looks affine whatever lies between; so each width must run inside one quantum of
 *       {@value #QUANTUM} channels, or from beside a measured width to beside another.
 * </ul>
 *
 * <p>Neither holds across an edge that was seen on both sides of the place: two adjacent widths whose costs differ by
 * more than that share, on a measured line at or below it and on one at or above it.
 */
final class WidthBoxes {
    /** Channels of the narrowest vector in use, eight floats; a staircase's steps are whole multiples of it. */
    static final int QUANTUM = 8;

    /** How many rows a box on a single line may reach over on either side. */
    private static final int LINE_REACH = 4;

    private static final double LIMIT = Math.log1p(MeasuredCosts.SAME_STEP);

    /**
     * Widths after which an edge was seen.
     *
     * @param outputs output widths, with the input widths of the lines
     * @param inputs input widths, with the output widths of the lines
     */
    private record Edges(
            NavigableMap<Integer, NavigableSet<Integer>> outputs,
            NavigableMap<Integer, NavigableSet<Integer>> inputs) {}

    /** Rows of one family by batch, then input width, then output width. */
    private static final class Family {
        private final NavigableMap<Integer, NavigableMap<Integer, NavigableMap<Integer, Measurement>>> images =
                new TreeMap<>();

        private @Nullable Edges edges;

        void put(WidthPoint at, Measurement row) {
            edges = null;
            images.computeIfAbsent(at.n(), n -> new TreeMap<>())
                    .computeIfAbsent(at.c(), c -> new TreeMap<>())
                    .put(at.k(), row);
        }

        /** The rows along the output width; none where nothing was measured. */
        NavigableMap<Integer, Measurement> line(int n, int c) {
            return images.getOrDefault(n, Collections.emptyNavigableMap())
                    .getOrDefault(c, Collections.emptyNavigableMap());
        }

        /** Whether edges on both sides of a place lie between two output widths, or between two input widths. */
        boolean hasEdge(WidthPoint at, int c0, int c1, int k0, int k1) {
            Edges seen = edges;
            if (seen == null) {
                seen = edges();
                edges = seen;
            }
            return seen.outputs.subMap(k0, k1).values().stream().anyMatch(lines -> around(lines, at.c()))
                    || seen.inputs.subMap(c0, c1).values().stream().anyMatch(lines -> around(lines, at.k()));
        }

        private static boolean around(NavigableSet<Integer> lines, int at) {
            return lines.first() <= at && lines.last() >= at;
        }

        private Edges edges() {
            Edges found = new Edges(new TreeMap<>(), new TreeMap<>());
            for (var inputs : images.values()) {
                inputs.forEach((c, line) -> line.forEach((k, row) -> {
                    if (edge(row, line.get(k + 1))) {
                        found.outputs.computeIfAbsent(k, e -> new TreeSet<>()).add(c);
                    }
                    NavigableMap<Integer, Measurement> beside = inputs.get(c + 1);
                    if (beside != null && edge(row, beside.get(k))) {
                        found.inputs.computeIfAbsent(c, e -> new TreeSet<>()).add(k);
                    }
                }));
            }
            return found;
        }

        private static boolean edge(Measurement row, @Nullable Measurement beside) {
            return beside != null && Math.abs(Math.log(Box.seconds(beside) / Box.seconds(row))) > LIMIT;
        }

        boolean hasInput(int c) {
            return images.values().stream().anyMatch(lines -> lines.containsKey(c));
        }

        boolean hasOutput(int k) {
            return images.values().stream()
                    .flatMap(lines -> lines.values().stream())
                    .anyMatch(line -> line.containsKey(k));
        }
    }

    private final Map<String, Family> families = new HashMap<>();

    /** Adds a row with a known time; one of an elementwise operation is left out. */
    void add(Measurement row) {
        WidthPoint.of(row.key().workload())
                .ifPresent(at ->
                        families.computeIfAbsent(at.family(), f -> new Family()).put(at, row));
    }

    /** The cost at a place by the smallest box around it that lies on one step; empty where there is none. */
    Optional<Cost> predict(WidthPoint at) {
        Family family = families.get(at.family());
        if (family == null) {
            return Optional.empty();
        }
        @Nullable Box best = null;
        for (int n0 : family.images.headMap(at.n(), true).descendingKeySet()) {
            for (int n1 : family.images.tailMap(at.n(), true).keySet()) {
                best = smallest(family, at, n0, n1, best);
            }
        }
        return Optional.ofNullable(best).map(box -> box.cost(at));
    }

    private static @Nullable Box smallest(Family family, WidthPoint at, int n0, int n1, @Nullable Box known) {
        Box best = known;
        NavigableMap<Integer, NavigableMap<Integer, Measurement>> inputs =
                family.images.getOrDefault(n0, Collections.emptyNavigableMap());
        for (int c0 : inputs.headMap(at.c(), true).descendingKeySet()) {
            for (int c1 : inputs.tailMap(at.c(), true).keySet()) {
                if (best != null && Math.log((double) c1 / c0) >= best.size()) {
                    break;
                }
                List<NavigableMap<Integer, Measurement>> lines =
                        List.of(family.line(n0, c0), family.line(n0, c1), family.line(n1, c0), family.line(n1, c1));
                // A line's own rows are its only evidence, so that its boxes must reach over some of them.
                int reach = c0 == c1 ? LINE_REACH : 1;
                for (int k0 : shared(lines, at.k(), reach, false)) {
                    for (int k1 : shared(lines, at.k(), reach, true)) {
                        Box box = new Box(family, n0, n1, c0, c1, k0, k1);
                        if ((best == null || box.size() < best.size())
                                && !family.hasEdge(at, c0, c1, k0, k1)
                                && box.onOneStep()) {
                            best = box;
                        }
                    }
                }
            }
        }
        return best;
    }

    /**
     * The nearest output widths that all lines have, up or down from one: so many, and the one itself besides, since the
     * place may be on the side of a box.
     */
    private static List<Integer> shared(
            List<NavigableMap<Integer, Measurement>> lines, int from, int most, boolean up) {
        NavigableMap<Integer, Measurement> first = lines.get(0);
        List<Integer> shared = new ArrayList<>();
        for (int k : up
                ? first.tailMap(from, true).keySet()
                : first.headMap(from, true).descendingKeySet()) {
            if (lines.stream().allMatch(line -> line.containsKey(k))) {
                shared.add(k);
            }
            if (shared.size() == most + (shared.contains(from) ? 1 : 0)) {
                break;
            }
        }
        return shared;
    }

    /** A box with measured corners. */
    private static final class Box {
        private final Family family;
        private final int n0;
        private final int n1;
        private final int c0;
        private final int c1;
        private final int k0;
        private final int k1;
        private final List<Measurement> corners = new ArrayList<>();
        /** The logarithm of the greatest ratio between a row inside and the interpolation; negative without any row. */
        private double worst = -1;

        Box(Family family, int n0, int n1, int c0, int c1, int k0, int k1) {
            this.family = family;
            this.n0 = n0;
            this.n1 = n1;
            this.c0 = c0;
            this.c1 = c1;
            this.k0 = k0;
            this.k1 = k1;
        }

        /** How far its corners are apart, relative to their places. */
        double size() {
            return Math.log((double) n1 / n0) + Math.log((double) c1 / c0) + Math.log((double) k1 / k0);
        }

        boolean onOneStep() {
            for (int n : new int[] {n0, n1}) {
                for (int c : new int[] {c0, c1}) {
                    NavigableMap<Integer, Measurement> line = family.line(n, c);
                    for (int k : new int[] {k0, k1}) {
                        Measurement corner = line.get(k);
                        if (corner != null) {
                            corners.add(corner);
                        }
                    }
                }
            }
            worst = worstInside();
            return worst <= LIMIT && (flat() || (worst >= 0 && showsEdges()));
        }

        private boolean flat() {
            double low = corners.stream().mapToDouble(Box::seconds).min().orElseThrow();
            double high = corners.stream().mapToDouble(Box::seconds).max().orElseThrow();
            return Math.log(high / low) <= LIMIT;
        }

        private boolean showsEdges() {
            boolean inputs = inQuantum(c0, c1) || (family.hasInput(c0 - 1) && family.hasInput(c1 + 1));
            boolean outputs = inQuantum(k0, k1) || (family.hasOutput(k0 - 1) && family.hasOutput(k1 + 1));
            return inputs && outputs;
        }

        private static boolean inQuantum(int from, int to) {
            return (from - 1) / QUANTUM == (to - 1) / QUANTUM;
        }

        private double worstInside() {
            double deviation = -1;
            for (var images : family.images.subMap(n0, true, n1, true).entrySet()) {
                for (var line : images.getValue().subMap(c0, true, c1, true).entrySet()) {
                    for (var row : line.getValue().subMap(k0, true, k1, true).entrySet()) {
                        int n = images.getKey();
                        int c = line.getKey();
                        int k = row.getKey();
                        boolean corner = (n == n0 || n == n1) && (c == c0 || c == c1) && (k == k0 || k == k1);
                        if (!corner) {
                            double ratio = seconds(row.getValue()) / interpolated(weights(n, c, k));
                            deviation = Math.max(deviation, Math.abs(Math.log(ratio)));
                        }
                    }
                }
            }
            return deviation;
        }

        private double interpolated(List<Double> weights) {
            double sum = 0;
            for (int i = 0; i < corners.size(); i++) {
                sum += weights.get(i) * seconds(corners.get(i));
            }
            return sum;
        }

        private static double seconds(Measurement row) {
            return row.seconds().estimate().orElseThrow().value();
        }

        /** The corners' shares of a place, in the corners' order; they add up to 1. */
        private List<Double> weights(int n, int c, int k) {
            List<Double> weights = new ArrayList<>();
            for (double images : shares(n0, n1, n)) {
                for (double input : shares(c0, c1, c)) {
                    for (double output : shares(k0, k1, k)) {
                        weights.add(images * input * output);
                    }
                }
            }
            return weights;
        }

        private static double[] shares(int from, int to, int at) {
            double share = from == to ? 0 : (double) (at - from) / (to - from);
            return new double[] {1 - share, share};
        }

        Cost cost(WidthPoint at) {
            List<Double> weights = weights(at.n(), at.c(), at.k());
            boolean flat = flat();
            return new Cost(
                    Blend.of(
                            corners.stream().map(Measurement::seconds).toList(),
                            parts -> flat ? Blend.hull(parts, weights) : affine(parts, weights)),
                    Blend.of(
                            corners.stream().map(Measurement::joules).toList(),
                            parts -> flat ? Blend.hull(parts, weights) : affine(parts, weights)),
                    Cost.flags(corners));
        }

        /** The interpolation, with bounds as much wider as rows inside were seen to depart from it. */
        private Estimate affine(List<Estimate> parts, List<Double> weights) {
            Estimate mean = Blend.mean(parts, weights);
            double factor = Math.exp(worst);
            return new Estimate(
                    mean.value(), mean.low() / factor, mean.high() * factor, mean.confidence(), mean.blocks());
        }
    }
}
