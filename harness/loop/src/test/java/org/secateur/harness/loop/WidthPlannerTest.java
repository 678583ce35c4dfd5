package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.harness.loop.PruningSettings.CostKind;
import org.secateur.harness.loop.WidthPlanner.Bound;
import org.secateur.harness.loop.WidthPlanner.Proposal;
import org.secateur.models.core.graph.Counts;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.models.core.planning.GroupScores;
import org.secateur.models.core.planning.NodeCosts;
import org.secateur.models.core.planning.Step;
import org.secateur.models.core.pruning.WidthProblem;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.SoftmaxLoss;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.MemoryHierarchyEnergy;

class WidthPlannerTest {
    private static final int BATCH = 64;
    private static final Step STEP = Step.training(BATCH);

    private final Staircase truth = new Staircase();
    private final Bench bench = new Bench(truth);
    private final WidthPlanner planner = new WidthPlanner(bench.costs, STEP, CostKind.SECONDS);

    @ParameterizedTest
    @ValueSource(strings = {"vgg8", "resnet8", "resnet20"})
    void aPlanKeepsItsLimitByTheTrueCost(String name) {
        Network network = Bench.network(name, 32);
        double now = planner.costNow(network, 1e9);
        assertThat(now).isCloseTo(truth.step(network, BATCH), Percentage.withPercentage(1));
        Proposal plan = planner.plan(network, Bench.scores(network), new Bound.WithinCost(0.6 * now), 1e9);
        assertThat(plan.feasible()).isTrue();
        assertThat(plan.measured()).isTrue();
        assertThat(plan.costNow()).isCloseTo(now, Percentage.withPercentage(1e-6));
        double then = truth.step(network, plan.widths(), BATCH);
        assertThat(then).isLessThan(0.6 * now * 1.03);
        assertThat(plan.costThen()).isCloseTo(then, Percentage.withPercentage(3));
        assertThat(plan.removed()).isPositive();
    }

    @Test
    void aWidthOnTheCliffIsNeverChosen() {
        Network network = Bench.network("vgg8", 32);
        double now = planner.costNow(network, 1e9);
        for (double share : new double[] {0.9, 0.7, 0.5}) {
            Proposal plan = planner.plan(network, Bench.scores(network), new Bound.WithinCost(share * now), 1e9);
            assertThat(plan.widths().values())
                    .as("at " + share + ": " + plan.widths())
                    .noneMatch(Staircase::cliff);
        }
    }

    @Test
    void onlyASmallPartOfTheCandidatesIsMeasuredAndNothingTwice() {
        Network network = Bench.network("vgg8", 32);
        double now = planner.costNow(network, 1e9);
        planner.plan(network, Bench.scores(network), new Bound.WithinCost(0.6 * now), 1e9);
        assertThat(bench.opened).doesNotHaveDuplicates().hasSameSizeAs(bench.kept);
        assertThat(bench.opened.size()).isLessThan(candidates(network).size() / 4);
    }

    @Test
    void withoutTimeThereIsAPlanAllTheSame() {
        Network network = Bench.network("vgg8", 32);
        double now = planner.costNow(network, 1e9);
        int measured = bench.opened.size();
        Proposal plan = planner.plan(network, Bench.scores(network), new Bound.WithinCost(0.6 * now), 0);
        assertThat(bench.opened).hasSize(measured);
        assertThat(plan.measured()).isFalse();
        assertThat(plan.costThen()).isLessThan(0.8 * now);
        assertThat(plan.widths()).isNotEqualTo(Surgery.widths(network));
    }

    @Test
    void aWarmTableIsNotMeasuredAgain() {
        Network network = Bench.network("resnet20", 32);
        Bound bound = new Bound.WithinCost(0.6 * planner.costNow(network, 1e9));
        Proposal cold = planner.plan(network, Bench.scores(network), bound, 1e9);
        Bench warm = new Bench(truth, bench.costs.snapshot());
        Proposal again =
                new WidthPlanner(warm.costs, STEP, CostKind.SECONDS).plan(network, Bench.scores(network), bound, 1e9);
        assertThat(warm.opened).isEmpty();
        assertThat(again.widths()).isEqualTo(cold.widths());
        assertThat(again.costThen()).isEqualTo(cold.costThen());
    }

    /** Then a group lies between two index maps, without weights that could be scored. */
    @Test
    void aStageThatLostEveryBranchIsPlannedAround() {
        Network network = Surgery.shrink(Bench.network("resnet8", 32), Map.of("layer2.0.conv1", new int[0]));
        double now = planner.costNow(network, 1e9);
        Proposal plan = planner.plan(network, Bench.scores(network), new Bound.WithinCost(0.6 * now), 1e9);
        assertThat(plan.feasible()).isTrue();
        assertThat(truth.step(network, plan.widths(), BATCH)).isLessThan(0.6 * now * 1.03);
    }

    /** Without the loss, which no width changes and no plan has. */
    private static double joules(Network network) {
        return Lowering.training(network, BATCH, DataType.F32, Layout.NCHW).instructions().stream()
                .filter(i -> !(i.workload().operation() instanceof SoftmaxLoss))
                .mapToDouble(i -> MemoryHierarchyEnergy.eyeriss().joules(i.workload()))
                .sum();
    }

    @Test
    void joulesByAccessesAreCountedAndMeasureNothing() {
        Network network = Bench.network("vgg8", 32);
        Bench counting = new Bench(truth, bench.costs.snapshot(), Optional.of(MemoryHierarchyEnergy.eyeriss()));
        WidthPlanner byJoules = new WidthPlanner(counting.costs, STEP, CostKind.JOULES);
        double now = byJoules.costNow(network, 0);
        assertThat(now).isCloseTo(joules(network), Percentage.withPercentage(1e-6));
        Proposal plan = byJoules.plan(network, Bench.scores(network), new Bound.WithinCost(0.6 * now), 1e9);
        assertThat(plan.feasible()).isTrue();
        assertThat(plan.measured()).isTrue();
        assertThat(plan.standardError()).isZero();
        assertThat(counting.opened).isEmpty();
        Map<String, int[]> kept = new HashMap<>();
        plan.widths()
                .forEach((group, width) ->
                        kept.put(group, IntStream.range(0, width).toArray()));
        double then = joules(Surgery.shrink(network, kept));
        assertThat(then).isLessThanOrEqualTo(0.6 * now * 1.005);
        assertThat(plan.costThen()).isCloseTo(then, Percentage.withPercentage(1e-6));
    }

    @Test
    void countedCostsMeasureNothing() {
        Network network = Bench.network("vgg8", 32);
        WidthPlanner counting = new WidthPlanner(bench.costs, Step.inference(1), CostKind.MACS);
        Counts.Count macs = Counts.of(network).macs();
        double now = counting.costNow(network, 1e9);
        assertThat(now).isEqualTo((double) (macs.convolution() + macs.linear()));
        Proposal plan = counting.plan(network, Bench.scores(network), new Bound.WithinCost(0.5 * now), 1e9);
        assertThat(plan.costThen()).isLessThanOrEqualTo(0.5 * now);
        assertThat(plan.costThen()).isGreaterThan(0.45 * now);
        assertThat(plan.standardError()).isZero();
        WidthPlanner parameters = new WidthPlanner(bench.costs, Step.training(1), CostKind.PARAMETERS);
        assertThat(parameters.costNow(network, 1e9))
                .isEqualTo((double) Counts.of(network).parameters().total());
        assertThat(bench.opened).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"densenet40", "mobilenetv2", "squeezenet", "wideresnet40-2"})
    void everyKindOfNetworkIsCutToHalfItsMultiplyAccumulates(String name) {
        Network network = Bench.network(name, 32);
        WidthPlanner counting = new WidthPlanner(bench.costs, Step.inference(1), CostKind.MACS);
        double now = counting.costNow(network, 1e9);
        Proposal plan = counting.plan(network, Bench.scores(network), new Bound.WithinCost(0.5 * now), 1e9);
        assertThat(plan.feasible()).isTrue();
        assertThat(plan.costThen()).isBetween(0.45 * now, 0.5 * now).isEqualTo(macs(network, plan));
    }

    /** An addition without its summands would leave nothing to go on with; the branch that goes is weighed once. */
    @Test
    void ofTwoBranchesOneStaysHoweverLowTheLimit() {
        Network network = Bench.branches(12);
        WidthPlanner counting = new WidthPlanner(bench.costs, Step.inference(1), CostKind.MACS);
        GroupScores scores = Bench.scores(network);
        Proposal plan = counting.plan(network, scores, new Bound.WithinCost(1), 0);
        assertThat(plan.feasible()).isFalse();
        assertThat(plan.widths()).isEqualTo(Map.of("conv1", 8, "left1", 0, "left2", 5, "left3", 8, "right1", 6));
        assertThat(plan.costThen()).isEqualTo(macs(network, plan));
        assertThat(plan.removed()).isCloseTo(scores.removed("left1", 0), within(1e-12));
    }

    private static double macs(Network network, Proposal plan) {
        Counts.Count macs =
                Counts.of(Surgery.shrink(network, kept(plan.widths()))).macs();
        return (double) (macs.convolution() + macs.linear());
    }

    private static Map<String, int[]> kept(Map<String, Integer> widths) {
        Map<String, int[]> kept = new HashMap<>();
        widths.forEach((id, width) -> kept.put(id, IntStream.range(0, width).toArray()));
        return kept;
    }

    /** The device here has no kernel for what wins where every kernel is there. */
    @Test
    void aWidthWithoutAKernelIsNeverChosen() {
        Network network = Bench.network("vgg8", 32);
        double now = planner.costNow(network, 1e9);
        Bound bound = new Bound.WithinCost(0.6 * now);
        Map<String, Integer> widths =
                planner.plan(network, Bench.scores(network), bound, 1e9).widths();
        Set<Integer> chosen = new HashSet<>(widths.values());
        chosen.removeAll(Bench.widths(network).values());
        assertThat(chosen).isNotEmpty();
        Bench picky = new Bench(w -> {
            if (w.operation() instanceof Convolution o && chosen.contains(o.k())) {
                throw new IllegalArgumentException("no kernel");
            }
            return truth.applyAsDouble(w);
        });
        WidthPlanner careful = new WidthPlanner(picky.costs, STEP, CostKind.SECONDS);
        careful.costNow(network, 1e9);
        Proposal plan = careful.plan(network, Bench.scores(network), bound, 1e9);
        assertThat(plan.widths().values()).doesNotContainAnyElementsOf(chosen);
        assertThat(plan.feasible()).isTrue();
        assertThat(plan.measured()).isTrue();
        assertThat(plan.costThen()).isLessThan(0.6 * now * 1.03);
        assertThat(picky.costs.refusals().orElseThrow()).contains("no kernel");
        assertThat(picky.opened).doesNotHaveDuplicates();
        assertThat(careful.refusal(network, plan.widths())).isEmpty();
    }

    @Test
    void whatCountsWithoutMeasuringLearnsOfMissingKernelsByAsking() {
        Network network = Bench.network("vgg8", 32);
        Set<Integer> gone = new HashSet<>();
        Bench picky = new Bench(w -> {
            if (w.operation() instanceof Convolution o && gone.contains(o.k())) {
                throw new IllegalArgumentException("no kernel");
            }
            return 1;
        });
        WidthPlanner counting = new WidthPlanner(picky.costs, Step.inference(1), CostKind.MACS);
        Bound bound = new Bound.WithinCost(0.3 * counting.costNow(network, 0));
        Map<String, Integer> first =
                counting.plan(network, Bench.scores(network), bound, 0).widths();
        gone.addAll(first.values());
        gone.removeAll(Bench.widths(network).values());
        Network cut = Surgery.shrink(network, kept(first));
        assertThat(counting.refusal(cut, Map.of())).isEmpty();
        counting.probe(cut);
        assertThat(picky.kept).isEmpty();
        assertThat(counting.refusal(cut, Map.of())).contains("no kernel");
        assertThat(counting.refusal(network, first)).contains("no kernel");
        assertThat(counting.plan(network, Bench.scores(network), bound, 0).widths())
                .isNotEqualTo(first);
    }

    @Test
    void aNetworkWithoutAKernelIsNotPlannedFor() {
        Bench none = new Bench(w -> {
            throw new IllegalArgumentException("no kernel");
        });
        WidthPlanner helpless = new WidthPlanner(none.costs, STEP, CostKind.SECONDS);
        assertThatThrownBy(() -> helpless.costNow(Bench.network("vgg8", 32), 1e9))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.ENVIRONMENT))
                .hasMessageContaining("no kernel");
    }

    @Test
    void fromAFlatTableNothingLiveIsRemoved() {
        Network network = Bench.network("vgg8", 32);
        Bench flat = new Bench(w -> 1e-3);
        WidthPlanner latency = new WidthPlanner(flat.costs, Step.inference(1), CostKind.SECONDS);
        latency.costNow(network, 1e9);
        Proposal plan = latency.plan(network, Bench.scores(network), new Bound.WithinSaliency(0.05), 1e9);
        assertThat(plan.widths()).isEqualTo(Bench.widths(network));
        assertThat(plan.removed()).isZero();
        assertThat(plan.costThen()).isEqualTo(plan.costNow());
    }

    /** What a profile of every width on the planner's grid would have to measure. */
    private static Set<Workload> candidates(Network network) {
        NodeCosts nodes = new NodeCosts(network, STEP);
        List<WidthProblem.Group> groups = nodes.groups().prunable().stream()
                .map(g -> {
                    int grid = Math.ceilDiv(g.channels(), 13 * 8) * 8;
                    int[] widths = IntStream.rangeClosed(1, g.channels() / grid)
                            .map(i -> grid * i)
                            .filter(w -> w < g.channels())
                            .toArray();
                    int[] all = IntStream.concat(IntStream.of(widths), IntStream.of(g.channels()))
                            .toArray();
                    return new WidthProblem.Group(g.id(), all, new double[all.length]);
                })
                .toList();
        Set<Workload> workloads = new HashSet<>();
        new Costing(network, nodes, groups)
                .problem(
                        w -> {
                            workloads.add(w);
                            return 0;
                        },
                        0);
        assertThat(workloads).hasSizeGreaterThan(500);
        return workloads;
    }
}
