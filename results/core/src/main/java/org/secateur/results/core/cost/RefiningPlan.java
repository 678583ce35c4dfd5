package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Decides which points of a box of batches and widths to measure, so that {@link MeasuredCosts} answers for the others.
 * It works on plain numbers: it asks for points, and is told their seconds.
 *
 * <p>The model is a staircase whose steps are affine: in each cell, a box of points, the cost is the multilinear
 * interpolation of the cell's corners. Cells begin as a coarse grid that is cut behind multiples of 16 channels (of 32,
 * 64 ... where widths are large), so that both sides of a likely edge are measured. Each cell is checked at its middle.
 * Where that disagrees, the cell is cut at the edge that makes it so: along the axis whose side departs most from a
 * straight line, the steepest pair of measured neighbours is bisected, first where another cell of this plan had an edge,
 * then at multiples of 8 and 4, until the pair is adjacent. Both halves are checked again. Two axes may interact: each
 * cell has its own edges. The largest cells come first, until the estimated error meets the target or the plan has
 * measured its share.
 *
 * <p>What is asked for follows from the answers alone, so that a plan which is told again what it was told asks again
 * for the same. Used by one thread.
 */
public final class RefiningPlan {
    /** Cells of at most so many points whose corners agree within {@link MeasuredCosts#SAME_STEP} are not checked. */
    private static final int SMALL_CELL = 16;

    /** A plan may always measure so many points, for a coarse grid takes a large share of a small box. */
    private static final int LEAST_POINTS = 32;

    /** Half of what may lie beyond the 95th percentile: cells that were never checked hold surprises too. */
    private static final double OPEN_SHARE = 0.025;

    private final List<PlanAxis> axes;
    private final Target target;
    private final Map<List<Integer>, Double> known = new HashMap<>();
    /** By axis the places after which a cell was cut at an edge. */
    private final List<NavigableSet<Integer>> edges = new ArrayList<>();

    private List<Cell> cells;

    /**
     * When a plan is done.
     *
     * @param median relative error at the median point that is not measured
     * @param p95 the same at the 95th percentile
     * @param cell relative error at a cell's check up to which the cell needs no cut; at most
     *     {@link MeasuredCosts#SAME_STEP}, beyond which no cost is interpolated
     * @param share of all points that may be measured
     */
    public record Target(double median, double p95, double cell, double share) {
        /** What is asked of a published table: 3 % and 10 %, from at most 15 % of all points. */
        public static final Target DEFAULT = new Target(0.03, 0.10, 0.04, 0.15);

        public Target {
            if (!(median > 0 && p95 >= median && cell > 0 && cell <= MeasuredCosts.SAME_STEP)
                    || !(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("median error " + median + ", 95th percentile " + p95 + ", cell "
                        + cell + ", share " + share + ": expected 0 < median <= p95, a cell above 0 and up to "
                        + MeasuredCosts.SAME_STEP + ", and a share above 0, up to 1");
            }
        }
    }

    /**
     * How far a plan is.
     *
     * @param points of the whole box
     * @param measured points told so far
     * @param settledShare share of the points not measured that lie in cells whose check agreed
     * @param medianError estimated relative error of the median point that is not measured, from the checks of cells
     * @param p95Error the same at the 95th percentile; infinite while more than 5 % lie in unsettled cells
     * @param met whether the estimate meets the target
     */
    public record Outlook(
            long points, int measured, double settledShare, double medianError, double p95Error, boolean met) {}

    /** What is to be done with a cell. */
    private sealed interface Advice {}

    private record Measure(List<List<Integer>> points) implements Advice {}

    private record Cut(int axis, int after) implements Advice {}

    private record Settled(double error) implements Advice {}

    /** The known points of a side of a cell along an axis, in order, and how far they are from a straight line. */
    private record Side(int axis, List<Integer> corner, List<Integer> places, List<Double> seconds, double departure) {

        /** How much the cost changes from the i-th point to the next, as the logarithm of a ratio. */
        double rise(int i) {
            return Math.abs(Math.log(seconds.get(i + 1) / seconds.get(i)));
        }
    }

    /**
     * A plan for the box of all combinations.
     *
     * @param axes the values of each axis; a point has one value for each
     */
    public RefiningPlan(List<PlanAxis> axes, Target target) {
        if (axes.isEmpty()) {
            throw new IllegalArgumentException("no axis: at least one is needed");
        }
        this.axes = List.copyOf(axes);
        this.target = target;
        axes.forEach(axis -> edges.add(new TreeSet<>()));
        cells = coarse();
    }

    /** The number of all points. */
    public long points() {
        return axes.stream().mapToLong(axis -> axis.values().size()).reduce(1, (a, b) -> a * b);
    }

    /**
     * What to measure next: at most {@code most} points, or one cell's where those are more. Empty when the plan is done.
     */
    public List<List<Integer>> due(int most) {
        Map<Cell, Advice> advice = advice();
        if (outlook(advice).met()) {
            return List.of();
        }
        long left = Math.max(LEAST_POINTS, (long) (target.share() * (double) points())) - known.size();
        Set<List<Integer>> points = new LinkedHashSet<>();
        List<Cell> order = new ArrayList<>(advice.keySet());
        order.sort(Comparator.comparingLong(Cell::points).reversed());
        for (Cell cell : order) {
            if (advice.get(cell) instanceof Measure measure) {
                for (List<Integer> point : measure.points()) {
                    if (points.size() < left) {
                        points.add(point);
                    }
                }
                if (points.size() >= most) {
                    break;
                }
            }
        }
        return points.stream().map(this::values).toList();
    }

    /** Takes the seconds of a point that was asked for. */
    public void tell(List<Integer> point, double seconds) {
        if (!(seconds > 0) || !Double.isFinite(seconds)) {
            throw new IllegalArgumentException("point " + point + " of " + seconds + " s: expected above 0, finite");
        }
        List<Integer> at = new ArrayList<>();
        for (int axis = 0; axis < axes.size(); axis++) {
            at.add(axes.get(axis).place(point.get(axis)));
        }
        known.put(List.copyOf(at), seconds);
    }

    /** How far it is. */
    public Outlook outlook() {
        return outlook(advice());
    }

    private Outlook outlook(Map<Cell, Advice> advice) {
        NavigableMap<Double, Double> errors = new TreeMap<>();
        double open = 0;
        double all = 0;
        for (Map.Entry<Cell, Advice> entry : advice.entrySet()) {
            double points =
                    (double) entry.getKey().points() - entry.getKey().corners().size();
            all += points;
            if (entry.getValue() instanceof Settled settled) {
                errors.merge(settled.error(), points, Double::sum);
            } else {
                open += points;
            }
        }
        double openShare = all == 0 ? 0 : open / all;
        double median = quantile(errors, 0.5 * all);
        double p95 = quantile(errors, 0.95 * all);
        return new Outlook(
                points(),
                known.size(),
                1 - openShare,
                median,
                p95,
                openShare <= OPEN_SHARE && median <= target.median() && p95 <= target.p95());
    }

    /** The error that so many points do not exceed; infinite where fewer are known. */
    private static double quantile(NavigableMap<Double, Double> errors, double points) {
        double sum = 0;
        for (Map.Entry<Double, Double> entry : errors.entrySet()) {
            sum += entry.getValue();
            if (sum >= points) {
                return entry.getKey();
            }
        }
        return points > 0 ? Double.POSITIVE_INFINITY : 0;
    }

    private List<Cell> coarse() {
        List<Cell> grid = List.of(new Cell(List.of(), List.of()));
        for (PlanAxis axis : axes) {
            List<Cell> finer = new ArrayList<>();
            for (Cell cell : grid) {
                int from = 0;
                for (int after : axis.cuts()) {
                    finer.add(cell.extended(from, after));
                    from = after + 1;
                }
                finer.add(cell.extended(from, axis.values().size() - 1));
            }
            grid = finer;
        }
        return grid;
    }

    /** Cuts every cell as far as what is known tells, and says what each of them needs. */
    private Map<Cell, Advice> advice() {
        Map<Cell, Advice> all = new LinkedHashMap<>();
        List<Cell> finer = new ArrayList<>();
        for (Cell cell : cells) {
            advise(cell, finer, all);
        }
        cells = finer;
        return all;
    }

    private void advise(Cell cell, List<Cell> finer, Map<Cell, Advice> all) {
        Advice advice = advice(cell);
        if (advice instanceof Cut cut) {
            for (Cell half : cell.cut(cut.axis(), cut.after())) {
                advise(half, finer, all);
            }
        } else {
            finer.add(cell);
            all.put(cell, advice);
        }
    }

    private Advice advice(Cell cell) {
        List<List<Integer>> corners = cell.corners();
        List<List<Integer>> unknown = unknown(corners);
        if (!unknown.isEmpty()) {
            return new Measure(unknown);
        }
        if (cell.points() == corners.size()) {
            return new Settled(0);
        }
        double low = corners.stream().mapToDouble(this::seconds).min().orElseThrow();
        double high = corners.stream().mapToDouble(this::seconds).max().orElseThrow();
        boolean checked = known.containsKey(cell.middle());
        if (!checked && cell.points() <= SMALL_CELL && high / low - 1 <= target.cell()) {
            return new Settled((high / low - 1) / 2);
        }
        if (!checked) {
            return new Measure(List.of(cell.middle()));
        }
        double error = 0;
        for (Map.Entry<List<Integer>, Double> point : known.entrySet()) {
            if (cell.holds(point.getKey())) {
                error = Math.max(error, departure(point.getValue(), interpolated(cell, point.getKey())));
            }
        }
        return error <= target.cell() ? new Settled(error) : cut(cell);
    }

    /** Where to cut a cell that disagrees with its corners, or what to measure to know. */
    private Advice cut(Cell cell) {
        for (boolean high : new boolean[] {false, true}) {
            List<List<Integer>> probes = new ArrayList<>();
            Optional<Side> worst = Optional.empty();
            for (int axis = 0; axis < axes.size(); axis++) {
                if (cell.steps(axis) > 1) {
                    Side side = side(cell, axis, high);
                    if (side.places().size() == 2) {
                        probes.add(probe(side, cell.low().get(axis), cell.high().get(axis)));
                    } else if (worst.isEmpty() || side.departure() > worst.get().departure()) {
                        worst = Optional.of(side);
                    }
                }
            }
            if (!probes.isEmpty()) {
                return new Measure(probes);
            }
            if (worst.isPresent() && worst.get().departure() > target.cell()) {
                return atEdge(worst.get());
            }
        }
        // The sides are straight, and the middle is off them: smaller cells show why.
        int axis = cell.longest();
        int from = cell.low().get(axis);
        int to = cell.high().get(axis);
        return new Cut(axis, axes.get(axis).between(from, to, List.of()));
    }

    private Side side(Cell cell, int axis, boolean high) {
        List<Integer> corner = high ? cell.high() : cell.low();
        int from = cell.low().get(axis);
        int to = cell.high().get(axis);
        List<Integer> places = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        for (int place = from; place <= to; place++) {
            Double value = known.get(Cell.with(corner, axis, place));
            if (value != null) {
                places.add(place);
                seconds.add(value);
            }
        }
        double start = seconds.get(0);
        double end = seconds.get(seconds.size() - 1);
        double departure = 0;
        for (int i = 0; i < places.size(); i++) {
            double share = axes.get(axis).share(from, to, places.get(i));
            departure = Math.max(departure, departure(seconds.get(i), start + share * (end - start)));
        }
        return new Side(axis, corner, places, seconds, departure);
    }

    /**
     * The steepest pair of neighbours on a side: the edge where they are adjacent, else what lies between them. The
     * gentlest slope of all pairs is the steps' own, and makes no pair steep.
     */
    private Advice atEdge(Side side) {
        PlanAxis axis = axes.get(side.axis());
        List<Integer> places = side.places();
        double gentlest = Double.POSITIVE_INFINITY;
        for (int i = 0; i + 1 < places.size(); i++) {
            gentlest = Math.min(gentlest, side.rise(i) / axis.length(places.get(i), places.get(i + 1)));
        }
        int steepest = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i + 1 < places.size(); i++) {
            double excess = side.rise(i) - gentlest * axis.length(places.get(i), places.get(i + 1));
            if (excess > most) {
                most = excess;
                steepest = i;
            }
        }
        int from = places.get(steepest);
        int to = places.get(steepest + 1);
        if (to > from + 1) {
            return new Measure(List.of(probe(side, from, to)));
        }
        edges.get(side.axis()).add(from);
        return new Cut(side.axis(), from);
    }

    /** The point between two places of a side that tells most about an edge there. */
    private List<Integer> probe(Side side, int from, int to) {
        int after = axes.get(side.axis()).between(from, to, edges.get(side.axis()));
        return Cell.with(side.corner(), side.axis(), after > from ? after : from + 1);
    }

    private double interpolated(Cell cell, List<Integer> point) {
        List<List<Integer>> corners = cell.corners();
        double sum = 0;
        for (List<Integer> corner : corners) {
            double weight = 1;
            for (int axis = 0; axis < axes.size(); axis++) {
                int from = cell.low().get(axis);
                int to = cell.high().get(axis);
                if (from < to) {
                    double share = axes.get(axis).share(from, to, point.get(axis));
                    weight *= corner.get(axis) == from ? 1 - share : share;
                }
            }
            sum += weight * seconds(corner);
        }
        return sum;
    }

    private static double departure(double seconds, double expected) {
        return Math.abs(Math.log(seconds / expected));
    }

    private double seconds(List<Integer> point) {
        return known.getOrDefault(point, Double.NaN);
    }

    private List<List<Integer>> unknown(Collection<List<Integer>> points) {
        return points.stream().filter(point -> !known.containsKey(point)).toList();
    }

    private List<Integer> values(List<Integer> places) {
        List<Integer> values = new ArrayList<>();
        for (int axis = 0; axis < axes.size(); axis++) {
            values.add(axes.get(axis).values().get(places.get(axis)));
        }
        return Collections.unmodifiableList(values);
    }
}
