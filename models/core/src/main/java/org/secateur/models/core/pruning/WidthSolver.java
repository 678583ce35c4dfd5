package org.secateur.models.core.pruning;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The width rule: least saliency removed within a cost budget, or least cost within a saliency cap.
 *
 * <p>Where no elimination table exceeds the limit, {@code T + price * S} is minimised exactly. The price is found by
 * walking the lower hull of (S, T): the chord of the two hull points around the limit prices the next, until none lies
 * below the chord. That gives the Lagrangian bound; the gap below it is then closed by enumerating the choices that
 * could still be better, which ends with a proof unless it would take too long. Elsewhere (concatenations) coordinate
 * descent from "keep all", "dead only" and the narrowest widths replaces the exact minimum, without a bound. Rests of
 * the limit are filled by the moves that gain most for what they spend. Ties go to wider groups.
 */
public final class WidthSolver {
    /** Tables of four million numbers: 32 MB, and well below a second for each price. */
    public static final long TABLE_LIMIT = 1L << 22;

    /** Hull points are met in far fewer steps; only coordinate descent could cycle. */
    private static final int LONGEST_WALK = 100;
    /** Partial choices looked at while proving: below a second for a network of sixty groups. */
    private static final int MOST_VISITS = 100_000;
    /** Pairs of moves are tried up to this many: below half a second. */
    private static final long MOST_PAIRS = 300_000;

    private final WidthProblem problem;
    private final Optional<Elimination> elimination;

    /** A solver with the usual table limit. */
    public WidthSolver(WidthProblem problem) {
        this(problem, TABLE_LIMIT);
    }

    /** A solver that descends by coordinates where an elimination table would have more than {@code tableLimit} entries. */
    public WidthSolver(WidthProblem problem, long tableLimit) {
        this.problem = problem;
        this.elimination = Elimination.plan(problem, tableLimit);
    }

    /**
     * The least saliency removed at a cost of at most {@code budget}; among choices that remove none, the cheapest. If
     * there is no such choice, the cheapest one of all, marked infeasible: its cost is the least reachable.
     */
    public WidthSolution withinCost(double budget) {
        requireNumber(budget);
        Point free = solve(0, true);
        if (free.cost <= budget) {
            return solution(
                    free,
                    true,
                    elimination.isPresent(),
                    OptionalDouble.of(0),
                    null,
                    "removing empty channels only meets the budget");
        }
        Point cheapest = solve(0, false);
        if (cheapest.cost > budget) {
            return solution(
                    cheapest,
                    false,
                    false,
                    OptionalDouble.empty(),
                    null,
                    "the cheapest choice, which is still above the budget");
        }
        return trade(cheapest, free, new Limit(true, budget));
    }

    /** The least cost while at most {@code cap} of the saliency is removed, 0 or more; always feasible. */
    public WidthSolution withinSaliency(double cap) {
        if (!(cap >= 0)) {
            throw new IllegalArgumentException("saliency cap " + cap + ": expected 0 or more");
        }
        Point cheapest = solve(0, false);
        Point free = solve(0, true);
        if (free.cost <= cheapest.cost) {
            return solution(
                    free,
                    true,
                    elimination.isPresent(),
                    bound(cheapest.cost),
                    null,
                    "removing more than empty channels saves nothing");
        }
        if (cheapest.removed <= cap) {
            return solution(
                    cheapest,
                    true,
                    elimination.isPresent(),
                    bound(cheapest.cost),
                    null,
                    "the cheapest choice stays within the saliency cap");
        }
        return trade(cheapest, free, new Limit(false, cap));
    }

    /** Finds the price of the limit between the cheapest point and the one that removes nothing live. */
    private WidthSolution trade(Point cheapest, Point free, Limit limit) {
        Point low = cheapest;
        Point high = free;
        double price = 0;
        for (int step = 0; step < LONGEST_WALK && low.removed > high.removed && high.cost > low.cost; step++) {
            price = (high.cost - low.cost) / (low.removed - high.removed);
            Point point = solve(price, false);
            double chord = Math.min(low.value(price), high.value(price));
            if (point.value(price) >= chord - 1e-12 * Math.abs(chord)) {
                break;
            }
            if (limit.admits(point) == limit.onCost) {
                low = point;
            } else {
                high = point;
            }
        }
        Point best = fill(limit.onCost ? low : high, limit, false);
        if (elimination.isEmpty()) {
            best = fill(best, limit, true);
            return solution(
                    best,
                    true,
                    false,
                    OptionalDouble.empty(),
                    price,
                    "found by coordinate descent, so that a better choice may exist" + worth(price));
        }
        Elimination.Tables tables = elimination.get().solve(price, false);
        double least = point(tables.best()).value(price);
        Search search = new Search(tables, limit, least, best);
        search.visit(0, new int[problem.groups().size()], 0, 0);
        best = search.best;
        boolean proven = search.visits < MOST_VISITS;
        if (!proven) {
            best = fill(best, limit, true);
        }
        double bound = limit.onCost ? Math.max(0, (least - limit.most) / price) : least - price * limit.most;
        // Rounding may lift the bound above what was found.
        bound = Math.min(bound, limit.objective(best));
        return solution(
                best,
                true,
                proven,
                OptionalDouble.of(bound),
                price,
                quality(limit, proven, limit.objective(best) - bound) + worth(price));
    }

    /** For people: whether a better choice may exist, and how much better the bound would allow it to be. */
    private String quality(Limit limit, boolean proven, double gap) {
        String exact = limit.onCost
                ? "exact: no choice within the budget removes less saliency"
                : "exact: no choice within the saliency cap costs less";
        String open = limit.onCost
                ? "not proven exact: a choice within the budget could still remove less saliency"
                : "not proven exact: a choice within the saliency cap could still cost less";
        String share = limit.onCost ? percent(gap) + " of the saliency" : percent(gap / costNow()) + " of the cost";
        return (proven ? exact : open) + " (gap to the Lagrangian bound: " + share + ")";
    }

    /** For people: what the limit makes saliency worth, as shares of all of it and of the cost at hand. */
    private String worth(double price) {
        return "; 1 % of the saliency is worth " + percent(price / costNow() / 100) + " of the cost";
    }

    private double costNow() {
        return problem.cost(problem.keepAll());
    }

    private static String percent(double share) {
        double percent = 100 * share;
        if (percent > 0 && percent < 0.005) {
            return "less than 0.01 %";
        }
        return String.format(Locale.ROOT, percent < 1 ? "%.2f %%" : percent < 100 ? "%.1f %%" : "%.0f %%", percent);
    }

    /** Spends what the limit leaves on the moves of one group, or of two, that gain most for what they spend. */
    private Point fill(Point start, Limit limit, boolean pairs) {
        int[][] moves = IntStream.range(0, problem.groups().size())
                .boxed()
                .flatMap(g ->
                        IntStream.range(0, problem.groups().get(g).candidates()).mapToObj(x -> new int[] {g, x}))
                .toArray(int[][]::new);
        boolean tryPairs = pairs && problem.wide().isEmpty() && (long) moves.length * moves.length / 2 <= MOST_PAIRS;
        Point at = start;
        while (true) {
            Point best = at;
            for (int i = 0; i < moves.length; i++) {
                int[] choice = at.choice.clone();
                choice[moves[i][0]] = moves[i][1];
                best = limit.better(at, best, point(choice));
                for (int j = tryPairs ? i + 1 : moves.length; j < moves.length; j++) {
                    if (moves[j][0] != moves[i][0]) {
                        int[] both = choice.clone();
                        both[moves[j][0]] = moves[j][1];
                        best = limit.better(at, best, point(both));
                    }
                }
            }
            if (limit.objective(best) >= limit.objective(at)) {
                return at;
            }
            at = best;
        }
    }

    private Point solve(double price, boolean free) {
        return elimination.map(e -> point(e.solve(price, free).best())).orElseGet(() -> descend(price, free));
    }

    /** The best fixed point of changing one group at a time. */
    private Point descend(double price, boolean free) {
        int[] deadOnly = problem.groups().stream()
                .mapToInt(g -> IntStream.range(0, g.candidates())
                        .filter(x -> g.removed()[x] == 0)
                        .findFirst()
                        .orElseThrow())
                .toArray();
        int[] narrowest = free ? deadOnly : new int[problem.groups().size()];
        Point best = point(problem.keepAll());
        for (int[] start : new int[][] {problem.keepAll(), deadOnly, narrowest}) {
            Point at = point(start);
            boolean moved = true;
            while (moved) {
                moved = false;
                for (int g = 0; g < start.length; g++) {
                    for (int x = problem.groups().get(g).candidates() - 1; x >= 0; x--) {
                        int[] choice = at.choice.clone();
                        choice[g] = x;
                        Point next = point(choice);
                        boolean allowed = !free || next.removed == 0;
                        if (allowed && next.value(price) < at.value(price)) {
                            at = next;
                            moved = true;
                        }
                    }
                }
            }
            best = at.value(price) < best.value(price) ? at : best;
        }
        return best;
    }

    private Point point(int[] choice) {
        return new Point(choice, problem.cost(choice), problem.removed(choice));
    }

    private OptionalDouble bound(double value) {
        return elimination.isPresent() ? OptionalDouble.of(value) : OptionalDouble.empty();
    }

    private WidthSolution solution(
            Point point,
            boolean feasible,
            boolean proven,
            OptionalDouble bound,
            @Nullable Double price,
            String method) {
        return new WidthSolution(
                Arrays.stream(point.choice).boxed().toList(),
                Arrays.stream(problem.widths(point.choice)).boxed().toList(),
                point.cost,
                point.removed,
                feasible,
                elimination.isPresent(),
                proven,
                bound,
                price == null ? OptionalDouble.empty() : OptionalDouble.of(price),
                elimination.isPresent() ? method : method + " (the groups are too entangled for an exact solution)");
    }

    private static void requireNumber(double budget) {
        if (Double.isNaN(budget)) {
            throw new IllegalArgumentException("budget " + budget + ": expected a number");
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Point(int[] choice, double cost, double removed) {
        double value(double price) {
            return cost + price * removed;
        }
    }

    /** What must not be exceeded: a cost, or a saliency. The other one is the objective. */
    private record Limit(boolean onCost, double most) {
        boolean admits(Point point) {
            return use(point) <= most;
        }

        double use(Point point) {
            return onCost ? point.cost : point.removed;
        }

        double objective(Point point) {
            return onCost ? point.removed : point.cost;
        }

        /** The better of two places to go to from {@code at}: more gain for what it spends, then more gain. */
        Point better(Point at, Point best, Point next) {
            double gain = objective(at) - objective(next);
            if (!admits(next) || gain <= 1e-12 * Math.abs(objective(at))) {
                return best;
            }
            double bestGain = objective(at) - objective(best);
            int order = bestGain <= 0 ? 1 : Double.compare(rate(at, next, gain), rate(at, best, bestGain));
            return order > 0 || (order == 0 && gain > bestGain) ? next : best;
        }

        private double rate(Point at, Point next, double gain) {
            double spent = use(next) - use(at);
            return spent <= 0 ? Double.POSITIVE_INFINITY : gain / spent;
        }
    }

    /**
     * Enumerates, the most promising first, the choices whose {@code T + price * S} is low enough to be better than the
     * best so far: any better one has an objective below the best and a use within the limit.
     */
    private final class Search {
        private final Elimination.Tables tables;
        private final Limit limit;
        private final double least;
        private Point best;
        private int visits;

        Search(Elimination.Tables tables, Limit limit, double least, Point best) {
            this.tables = tables;
            this.limit = limit;
            this.least = least;
            this.best = best;
        }

        void visit(int position, int[] choice, double regret, double removed) {
            if (position == choice.length) {
                Point point = point(choice.clone());
                if (limit.admits(point) && limit.objective(point) < limit.objective(best)) {
                    best = point;
                }
                return;
            }
            int group = tables.group(position);
            double[] regrets = tables.regrets(position, choice);
            int[] promising = IntStream.range(0, regrets.length)
                    .boxed()
                    .sorted((a, b) -> Double.compare(regrets[a], regrets[b]))
                    .mapToInt(x -> x)
                    .toArray();
            for (int x : promising) {
                if (visits >= MOST_VISITS || regret + regrets[x] > slack()) {
                    return;
                }
                visits++;
                double soFar = removed + problem.groups().get(group).removed()[x];
                if (soFar <= (limit.onCost ? best.removed : limit.most)) {
                    choice[group] = x;
                    visit(position + 1, choice, regret + regrets[x], soFar);
                }
            }
        }

        private double slack() {
            double most =
                    limit.onCost ? limit.most + tables.price() * best.removed : best.cost + tables.price() * limit.most;
            return most - least + 1e-12 * Math.abs(most);
        }
    }
}
