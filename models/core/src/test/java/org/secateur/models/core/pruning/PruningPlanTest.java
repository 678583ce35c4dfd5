package org.secateur.models.core.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.pruning.PruningPlan.GroupPlan;
import org.secateur.models.core.pruning.PruningPlan.Reason;
import org.secateur.models.core.pruning.WidthProblem.Term;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.Cost;
import org.secateur.results.core.statistics.Estimate;

class PruningPlanTest {
    @Test
    void aPlanFollowsFromSaliencyCostsAndBudget() {
        // Group b is as wide as it is cheap; group a saves 4 for its dead channel, and 3 more for its weakest live one.
        Saliency saliency = new Saliency(
                List.of(new double[] {4, 1, 9, 3}, new double[] {1, 1}),
                List.of(new boolean[] {false, false, true, false}, new boolean[2]));
        WidthProblem problem = new WidthProblem(
                List.of(saliency.group(0, "a", new int[] {2, 3, 4}), saliency.group(1, "b", new int[] {1, 2})),
                List.of(new Term(new int[] {0, 1}, new double[] {2, 3, 5, 6, 9, 10})),
                1);

        WidthSolution solution = new WidthSolver(problem).withinCost(5);
        PruningPlan plan = PruningPlan.of(
                problem,
                solution,
                saliency,
                seconds(11),
                seconds(solution.cost()),
                OptionalDouble.of(5),
                solution.gap(),
                List.of());

        assertThat(plan.widths()).containsEntry("a", 2).containsEntry("b", 2);
        assertThat(plan.changed()).containsOnlyKeys("a").containsEntry("a", List.of(0, 3));
        assertThat(plan.groups()).extracting(GroupPlan::reason).containsExactly(Reason.BY_COST, Reason.KEPT);
        assertThat(plan.saliencyRemoved()).isEqualTo(0.1);
        assertThat(plan.channelsRemoved()).isEqualTo(2);
        assertThat(plan.after()).isEqualTo(seconds(4));
        assertThat(plan.changes()).isTrue();
        assertThat(plan.gap().orElseThrow()).isBetween(0.0, 0.1);
    }

    @Test
    void aPlanThatContradictsItselfIsRefused() {
        assertThatThrownBy(() -> new GroupPlan("g", 4, List.of(2, 1), 0, Reason.DEAD))
                .hasMessageContaining("ascending");
        assertThatThrownBy(() -> new GroupPlan("g", 4, List.of(0, 4), 0, Reason.DEAD))
                .hasMessageContaining("0 to 3");
        assertThatThrownBy(() -> new GroupPlan("g", 2, List.of(0, 1), 0, Reason.DEAD))
                .hasMessageContaining("contradict");
        GroupPlan group = new GroupPlan("g", 2, List.of(0, 1), 0, Reason.KEPT);
        assertThatThrownBy(() -> new PruningPlan(
                        List.of(group, group),
                        seconds(1),
                        seconds(1),
                        OptionalDouble.empty(),
                        true,
                        OptionalDouble.empty(),
                        "none",
                        List.of()))
                .hasMessageContaining("every group once");
    }

    private static Cost seconds(double value) {
        return new Cost(Quantity.derived(Estimate.exact(value)), Quantity.unavailable("no counter"));
    }
}
