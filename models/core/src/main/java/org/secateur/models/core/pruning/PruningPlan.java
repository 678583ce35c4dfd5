package org.secateur.models.core.pruning;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.secateur.results.core.cost.Cost;

/**
 * Which channels of which groups stay, why, and what that was predicted to cost. It can be stored and replayed without
 * the table that it was made with.
 *
 * @param groups every prunable group, also those that stay as they are
 * @param before the predicted cost of the network at hand
 * @param after the predicted cost of the planned one
 * @param limit B_k that the plan had to meet, in the unit of the budget; absent without a budget
 * @param feasible whether the limit or cap can be met at all; if not, this is the cheapest plan that was found
 * @param gap how much better, in the objective's unit, an ideal plan could be at most; absent where no bound is known
 * @param method how it was made, for people
 * @param notes further sentences for the report
 */
public record PruningPlan(
        List<GroupPlan> groups,
        Cost before,
        Cost after,
        OptionalDouble limit,
        boolean feasible,
        OptionalDouble gap,
        String method,
        List<String> notes) {
    public PruningPlan {
        groups = List.copyOf(groups);
        notes = List.copyOf(notes);
        if (groups.stream().map(GroupPlan::group).distinct().count() != groups.size()) {
            throw new IllegalArgumentException("a plan names every group once: "
                    + groups.stream().map(GroupPlan::group).toList());
        }
    }

    /** Why a group's channels go. */
    public enum Reason {
        /** None goes. */
        KEPT("kept"),
        /** All that go are dead. */
        DEAD("dead"),
        /** Live channels go because they cost more than they weigh. */
        BY_COST("by cost");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** The reason as it stands in reports. */
        public String text() {
            return text;
        }
    }

    /**
     * What happens to one group.
     *
     * @param group its id
     * @param before the number of channels at hand
     * @param kept the channels that stay, ascending, of 0 to {@code before - 1}; none if the branch dies
     * @param saliencyRemoved the share of the network's saliency that goes
     */
    public record GroupPlan(String group, int before, List<Integer> kept, double saliencyRemoved, Reason reason) {
        public GroupPlan {
            kept = List.copyOf(kept);
            for (int i = 0; i < kept.size(); i++) {
                if (kept.get(i) < 0 || kept.get(i) >= before || (i > 0 && kept.get(i) <= kept.get(i - 1))) {
                    throw new IllegalArgumentException("group " + group + " keeps " + kept
                            + ": expected ascending channels of 0 to " + (before - 1));
                }
            }
            if ((reason == Reason.KEPT) != (kept.size() == before) || !(saliencyRemoved >= 0)) {
                throw new IllegalArgumentException("group " + group + " keeps " + kept.size() + " of " + before
                        + " channels, removing the saliency " + saliencyRemoved + ", reason " + reason
                        + ": these contradict each other");
            }
        }

        /** The number of channels after the plan. */
        public int after() {
            return kept.size();
        }

        /** Keeps the {@code width} most salient channels of group {@code g}; the reason follows from which go. */
        public static GroupPlan of(String group, Saliency saliency, int g, int width) {
            int before = saliency.order(g).size();
            Reason reason = width == before ? Reason.KEPT : width >= saliency.live(g) ? Reason.DEAD : Reason.BY_COST;
            return new GroupPlan(group, before, saliency.kept(g, width), saliency.removed(g, width), reason);
        }
    }

    /** Whether any channel goes. */
    public boolean changes() {
        return groups.stream().anyMatch(g -> g.reason != Reason.KEPT);
    }

    /** The share of the network's saliency that goes. */
    public double saliencyRemoved() {
        return groups.stream().mapToDouble(GroupPlan::saliencyRemoved).sum();
    }

    /** The number of channels that go. */
    public int channelsRemoved() {
        return groups.stream().mapToInt(g -> g.before - g.after()).sum();
    }

    /** The width of each group after the plan, by id, in the plan's order. */
    public Map<String, Integer> widths() {
        Map<String, Integer> widths = new LinkedHashMap<>();
        groups.forEach(g -> widths.put(g.group, g.after()));
        return widths;
    }

    /** The channels that stay of each group that changes, by id: what surgery needs. */
    public Map<String, List<Integer>> changed() {
        Map<String, List<Integer>> changed = new LinkedHashMap<>();
        groups.stream().filter(g -> g.reason != Reason.KEPT).forEach(g -> changed.put(g.group, g.kept));
        return changed;
    }

    /** A plan from a solved width problem whose groups stand in the saliency's order. */
    public static PruningPlan of(
            WidthProblem problem,
            WidthSolution solution,
            Saliency saliency,
            Cost before,
            Cost after,
            OptionalDouble limit,
            OptionalDouble gap,
            List<String> notes) {
        List<GroupPlan> groups = new ArrayList<>();
        for (int g = 0; g < problem.groups().size(); g++) {
            groups.add(GroupPlan.of(
                    problem.groups().get(g).id(), saliency, g, solution.widths().get(g)));
        }
        return new PruningPlan(groups, before, after, limit, solution.feasible(), gap, solution.method(), notes);
    }
}
