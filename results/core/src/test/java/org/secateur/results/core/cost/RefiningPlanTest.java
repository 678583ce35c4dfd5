package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.RefiningPlan.Outlook;
import org.secateur.results.core.cost.RefiningPlan.Target;

/**
 * Plans against surfaces whose every point is known. A table of what the plan measured must predict all other points
 * with a median error of at most 3 % and a 95th percentile of at most 10 %, from at most 15 % of the points and of the
 * time that all of them take.
 */
class RefiningPlanTest {
    /** A surface over images, input and output channels. */
    private record Surface(String name, List<PlanAxis> axes, ToDoubleFunction<List<Integer>> seconds) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** What a plan measured, in order. */
    private record Built(RefiningPlan plan, Map<List<Integer>, Double> measured) {
        static Built of(Surface surface) {
            RefiningPlan plan = new RefiningPlan(surface.axes(), Target.DEFAULT);
            Map<List<Integer>, Double> measured = new LinkedHashMap<>();
            List<List<Integer>> due = plan.due(8);
            while (!due.isEmpty()) {
                for (List<Integer> point : due) {
                    double seconds = surface.seconds().applyAsDouble(point);
                    assertThat(measured.put(point, seconds))
                            .as("asked twice for %s", point)
                            .isNull();
                    plan.tell(point, seconds);
                }
                due = plan.due(8);
            }
            return new Built(plan, measured);
        }
    }

    /** Errors of all points that were not measured, ascending; infinite where the table has no answer. */
    private record Judged(List<Double> errors, double pointShare, double timeShare) {
        static Judged of(Surface surface, Built built) {
            CostTable table = Tables.of(
                    w -> built.measured().getOrDefault(point(w), Double.NaN),
                    built.measured().keySet().stream()
                            .map(RefiningPlanTest::workload)
                            .toArray(Workload[]::new));
            MeasuredCosts costs = new MeasuredCosts(table);
            List<Double> errors = new ArrayList<>();
            double all = 0;
            double measured = 0;
            List<List<Integer>> points = points(surface);
            for (List<Integer> point : points) {
                double truth = surface.seconds().applyAsDouble(point);
                all += truth;
                if (built.measured().containsKey(point)) {
                    measured += truth;
                } else {
                    errors.add(costs.predict(workload(point))
                            .seconds()
                            .estimate()
                            .map(e -> Math.abs(e.value() / truth - 1))
                            .orElse(Double.POSITIVE_INFINITY));
                }
            }
            return new Judged(
                    errors.stream().sorted().toList(),
                    (double) built.measured().size() / points.size(),
                    measured / all);
        }

        double quantile(double share) {
            return errors.get((int) Math.ceil(share * errors.size()) - 1);
        }
    }

    private static Workload workload(List<Integer> point) {
        return Workload.of(
                new Convolution(
                        point.get(0),
                        point.get(1),
                        8,
                        8,
                        point.get(2),
                        3,
                        3,
                        Extent.of(1),
                        Extent.of(1),
                        Extent.of(1),
                        1),
                Pass.FORWARD);
    }

    private static List<Integer> point(Workload workload) {
        Convolution o = (Convolution) workload.operation();
        return List.of(o.n(), o.c(), o.k());
    }

    private static List<List<Integer>> points(Surface surface) {
        List<List<Integer>> points = List.of(List.of());
        for (PlanAxis axis : surface.axes()) {
            List<List<Integer>> longer = new ArrayList<>();
            for (List<Integer> point : points) {
                for (int value : axis.values()) {
                    longer.add(Stream.concat(point.stream(), Stream.of(value)).toList());
                }
            }
            points = longer;
        }
        return points;
    }

    private static Surface plane(String name, int inputs, int outputs, ToDoubleFunction<List<Integer>> seconds) {
        return new Surface(
                name,
                List.of(PlanAxis.batches(List.of(128)), PlanAxis.widths(4, inputs), PlanAxis.widths(4, outputs)),
                seconds);
    }

    private static double steps(int width, int quantum) {
        return Math.ceil((double) width / quantum) * quantum;
    }

    /** A constant, arithmetic in steps of a quantum on both axes, and traffic that grows with the widths themselves. */
    private static double staircase(List<Integer> point, int quantum) {
        int c = point.get(1);
        int k = point.get(2);
        return 5e-6 + 2e-8 * steps(c, quantum) * steps(k, quantum) + 1e-7 * (c + k);
    }

    /** The seeded noise of a point, the same whenever it is measured. */
    private static double noise(List<Integer> point, double sigma) {
        return Math.exp(sigma * new SplittableRandom(point.hashCode() * 31L + 7).nextGaussian());
    }

    static List<Surface> surfaces() {
        return List.of(
                plane("steps of 16", 64, 64, p -> staircase(p, 16)),
                plane("steps of 8", 64, 64, p -> staircase(p, 8)),
                plane("steps of 8, small", 32, 32, p -> staircase(p, 8)),
                plane("steps of 8, oblong", 32, 64, p -> staircase(p, 8)),
                plane("steps of 8 with 1 % of noise", 64, 64, p -> staircase(p, 8) * noise(p, 0.01)),
                plane("no steps", 64, 64, p -> 2e-5 + 2e-8 * p.get(1) * p.get(2)),
                plane(
                        "a cliff that costs twice as much from 97 to 112 outputs",
                        64,
                        128,
                        p -> staircase(p, 16) * (p.get(2) > 96 && p.get(2) <= 112 ? 2 : 1)),
                plane(
                        "non-monotone: 33 to 40 inputs cost more than 48",
                        64,
                        64,
                        p -> staircase(p, 16) * (p.get(1) > 32 && p.get(1) <= 40 ? 1.4 : 1)),
                plane(
                        "an odd edge after 37 inputs that only wide outputs have",
                        64,
                        64,
                        p -> staircase(p, 16) * (p.get(1) > 37 && p.get(2) > 24 ? 1.5 : 1)),
                plane(
                        "an edge where the work exceeds a cache",
                        64,
                        64,
                        p -> staircase(p, 16) * (p.get(1) * p.get(2) > 1500 ? 1.3 : 1)),
                new Surface(
                        "three batches",
                        List.of(
                                PlanAxis.batches(List.of(256, 64, 128)),
                                PlanAxis.widths(4, 64),
                                PlanAxis.widths(4, 64)),
                        p -> 1e-5 + staircase(p, 16) * p.get(0) / 64),
                new Surface(
                        "one width only",
                        List.of(PlanAxis.batches(List.of(128)), PlanAxis.widths(3, 3), PlanAxis.widths(4, 512)),
                        p -> 5e-6 + 1e-8 * steps(p.get(2), 16)));
    }

    @ParameterizedTest
    @MethodSource("surfaces")
    void aSmallPartOfThePointsTellsTheOthers(Surface surface) {
        Built built = Built.of(surface);
        Judged judged = Judged.of(surface, built);
        String told = "%s: %.1f %% of points, %.1f %% of time, median error %.2f %%, p95 %.2f %%, %s"
                .formatted(
                        surface,
                        100 * judged.pointShare(),
                        100 * judged.timeShare(),
                        100 * judged.quantile(0.5),
                        100 * judged.quantile(0.95),
                        built.plan().outlook());
        assertThat(judged.pointShare()).as(told).isLessThanOrEqualTo(0.15);
        assertThat(judged.timeShare()).as(told).isLessThanOrEqualTo(0.15);
        assertThat(judged.quantile(0.5)).as(told).isLessThanOrEqualTo(0.03);
        assertThat(judged.quantile(0.95)).as(told).isLessThanOrEqualTo(0.10);
        assertThat(built.plan().outlook().met()).as(told).isTrue();
    }

    @Test
    void aSurfaceWithoutStepsTakesTheCoarseGridOnly() {
        Surface surface = plane("no steps", 64, 64, p -> 2e-5 + 2e-8 * p.get(1) * p.get(2));
        // 36 cells of four corners and a check.
        assertThat(Built.of(surface).measured().size()).isLessThanOrEqualTo(180);
    }

    @Test
    void aSurfaceWithoutAnyPatternIsGivenUpAndSaysSo() {
        Surface surface = plane("noise", 64, 64, p -> noise(p, 0.5));
        Built built = Built.of(surface);
        Outlook outlook = built.plan().outlook();
        assertThat(outlook.met()).isFalse();
        assertThat(outlook.settledShare()).isLessThan(0.5);
        assertThat(outlook.p95Error()).isInfinite();
        assertThat(outlook.measured()).isEqualTo((int) (0.15 * outlook.points()));
        // And the table does not pretend to know the others.
        assertThat(Judged.of(surface, built).quantile(0.95)).isInfinite();
    }

    @Test
    void theSameAnswersBringTheSameQuestions() {
        Surface surface = plane("noisy", 64, 32, p -> staircase(p, 8) * noise(p, 0.01));
        assertThat(Built.of(surface).measured().keySet())
                .containsExactlyElementsOf(Built.of(surface).measured().keySet());
    }

    @Test
    void nothingIsAnsweredAcrossAnEdgeThatThePlanFound() {
        Surface surface = plane("a cliff", 64, 128, p -> 1e-4 * (p.get(2) > 96 && p.get(2) <= 112 ? 2 : 1));
        Built built = Built.of(surface);
        CostTable table = Tables.of(
                w -> built.measured().getOrDefault(point(w), Double.NaN),
                built.measured().keySet().stream()
                        .map(RefiningPlanTest::workload)
                        .toArray(Workload[]::new));
        MeasuredCosts costs = new MeasuredCosts(table);
        for (List<Integer> point : points(surface)) {
            double truth = surface.seconds().applyAsDouble(point);
            costs.predict(workload(point))
                    .seconds()
                    .estimate()
                    .ifPresent(
                            e -> assertThat(e.value() / truth).as("%s", point).isBetween(0.999, 1.001));
        }
    }

    @Test
    void badArgumentsAreRefusedByName() {
        assertThatThrownBy(() -> new RefiningPlan(List.of(), Target.DEFAULT)).hasMessageContaining("no axis");
        assertThatThrownBy(() -> new Target(0.03, 0.1, 0.06, 0.15)).hasMessageContaining("cell 0.06");
        assertThatThrownBy(() -> new PlanAxis(List.of(4, 4), true)).hasMessageContaining("ascending");
        RefiningPlan plan = new RefiningPlan(List.of(PlanAxis.widths(4, 64)), Target.DEFAULT);
        assertThatThrownBy(() -> plan.tell(List.of(3), 1)).hasMessageContaining("value 3");
        assertThatThrownBy(() -> plan.tell(List.of(4), 0)).hasMessageContaining("0.0 s");
    }
}
