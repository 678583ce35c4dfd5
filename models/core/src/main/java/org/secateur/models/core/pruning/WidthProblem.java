package org.secateur.models.core.pruning;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Which width each channel group gets. Cost {@code T(w) = constant + sum of terms}, saliency removed {@code S(w) = sum
 * over groups}. A choice is an array with the index of a candidate for each group.
 *
 * @param wide costs that depend on more groups than a table could hold, as behind a concatenation: functions of a
 *     choice, finite and the same for the same choice
 * @param constant the cost that no width changes, in the unit of the terms
 */
public record WidthProblem(List<Group> groups, List<Term> terms, List<ToDoubleFunction<int[]>> wide, double constant) {
    /** A problem of tables only. */
    public WidthProblem(List<Group> groups, List<Term> terms, double constant) {
        this(groups, terms, List.of(), constant);
    }

    public WidthProblem {
        groups = List.copyOf(groups);
        terms = List.copyOf(terms);
        wide = List.copyOf(wide);
        requireFinite(constant);
        for (Term term : terms) {
            long entries = 1;
            for (int g : term.groups) {
                if (g < 0 || g >= groups.size()) {
                    throw new IllegalArgumentException(
                            "term over group " + g + ": expected 0 to " + (groups.size() - 1));
                }
                entries *= groups.get(g).candidates();
            }
            if (entries != term.costs.length) {
                throw new IllegalArgumentException("term over groups " + Arrays.toString(term.groups) + " with "
                        + term.costs.length + " costs: expected " + entries);
            }
        }
    }

    /**
     * A channel group.
     *
     * @param id its name
     * @param widths the candidates, ascending; the last is the width at hand. 0 means that the branch is dead
     * @param removed the share of the network's saliency that each candidate removes; not negative, 0 for the last
     */
    @SuppressWarnings("ArrayRecordComponent") // small tables, never compared
    public record Group(String id, int[] widths, double[] removed) {
        public Group {
            widths = widths.clone();
            removed = removed.clone();
            if (widths.length == 0 || widths.length != removed.length || widths[0] < 0) {
                throw new IllegalArgumentException(
                        "group " + id + " with widths " + Arrays.toString(widths) + " and " + removed.length
                                + " saliencies: expected at least one width from 0 up, and a saliency for each");
            }
            for (int i = 0; i < widths.length; i++) {
                if (!(removed[i] >= 0 && removed[i] < Double.POSITIVE_INFINITY)
                        || (i > 0 && widths[i] <= widths[i - 1])) {
                    throw new IllegalArgumentException("group " + id + ": widths " + Arrays.toString(widths)
                            + " must ascend and saliencies " + Arrays.toString(removed) + " must not be negative");
                }
            }
            if (removed[widths.length - 1] != 0) {
                throw new IllegalArgumentException("group " + id + ": keeping all " + widths[widths.length - 1]
                        + " channels removes " + removed[widths.length - 1] + ": expected 0");
            }
        }

        /** The width at hand. */
        public int current() {
            return widths[widths.length - 1];
        }

        int candidates() {
            return widths.length;
        }
    }

    /**
     * A cost that depends on one to three groups.
     *
     * @param groups their indices, all different
     * @param costs for every combination of their candidates, the last group's fastest
     */
    @SuppressWarnings("ArrayRecordComponent") // tables of up to thousands of numbers, never compared
    public record Term(int[] groups, double[] costs) {
        public Term {
            groups = groups.clone();
            costs = costs.clone();
            if (groups.length < 1
                    || groups.length > 3
                    || Arrays.stream(groups).distinct().count() != groups.length) {
                throw new IllegalArgumentException(
                        "term over groups " + Arrays.toString(groups) + ": expected one to three different groups");
            }
            for (double cost : costs) {
                requireFinite(cost);
            }
        }
    }

    /** The choice that keeps every width. */
    public int[] keepAll() {
        return groups.stream().mapToInt(g -> g.candidates() - 1).toArray();
    }

    /** The widths of a choice. */
    public int[] widths(int[] choice) {
        int[] widths = new int[choice.length];
        for (int g = 0; g < choice.length; g++) {
            widths[g] = groups.get(g).widths[choice[g]];
        }
        return widths;
    }

    /** T of a choice. */
    public double cost(int[] choice) {
        double cost = constant;
        for (Term term : terms) {
            int at = 0;
            for (int g : term.groups) {
                at = at * groups.get(g).candidates() + choice[g];
            }
            cost += term.costs[at];
        }
        for (ToDoubleFunction<int[]> term : wide) {
            cost += term.applyAsDouble(choice);
        }
        return cost;
    }

    /** S of a choice. */
    public double removed(int[] choice) {
        double removed = 0;
        for (int g = 0; g < choice.length; g++) {
            removed += groups.get(g).removed[choice[g]];
        }
        return removed;
    }

    private static void requireFinite(double cost) {
        if (!Double.isFinite(cost)) {
            throw new IllegalArgumentException("cost " + cost + " is not finite");
        }
    }
}
