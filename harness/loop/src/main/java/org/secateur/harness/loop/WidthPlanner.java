package org.secateur.harness.loop;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.secateur.harness.loop.PruningSettings.CostKind;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.planning.GroupScores;
import org.secateur.models.core.planning.NodeCosts;
import org.secateur.models.core.planning.Step;
import org.secateur.models.core.pruning.WidthProblem;
import org.secateur.models.core.pruning.WidthSolution;
import org.secateur.models.core.pruning.WidthSolver;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.CostModel;
import org.secateur.results.core.cost.FirstOf;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.cost.ScaledCosts;
import org.secateur.results.core.statistics.Estimate;

/**
 * The width rule with costs measured on a miss. A plan is solved with measured costs where there are any and with a
 * slightly hopeful guess elsewhere; what the winner launches and nobody has measured yet is then measured, and the
 * problem solved again, until the winner rests on measurements only or the measuring time is spent. So only widths that
 * can win are ever measured. A width for which the device turns out to have no kernel is never chosen.
 */
final class WidthPlanner {
    /** Candidates of a group at most, which bounds the problem's size. */
    private static final int MOST_CANDIDATES = 16;
    /** Unmeasured costs are taken a little below the guess, so that a promising width is measured rather than missed. */
    private static final double HOPE = 0.92;
    /** Vector width assumed by the guess: AVX2's eight floats, half of AVX-512's block. */
    private static final int QUANTUM = 8;
    /** Rounds of solving and measuring after which the best plan so far is taken. */
    private static final int MOST_ROUNDS = 40;
    /** What a launch without a kernel costs: more than any network's seconds, operations or parameters. */
    private static final double REFUSED = 1e15;

    private final OnDemandCosts costs;
    private final Step step;
    private final CostKind kind;
    private final Optional<ToDoubleFunction<Workload>> counted;

    WidthPlanner(OnDemandCosts costs, Step step, CostKind kind) {
        this.costs = costs;
        this.step = step;
        this.kind = kind;
        counted = costs.counted(kind);
    }

    /** What bounds a plan. */
    sealed interface Bound {
        /** Remove as little saliency as possible at no more than this cost, in the planner's unit before correction. */
        record WithinCost(double limit) implements Bound {}

        /** Cost as little as possible while removing at most this share of saliency. */
        record WithinSaliency(double cap) implements Bound {}
    }

    /**
     * What a plan would do.
     *
     * @param widths channels of each group, 0 for a branch that goes
     * @param costNow sum of the present network's launches, in the planner's unit
     * @param costThen the same under the plan
     * @param standardError of the difference, in the same unit; 0 for counted costs
     * @param removed share of saliency removed
     * @param bound the solver's bound on what no plan can beat, where it has one
     * @param measured whether every launch of the winner was measured or interpolated
     */
    record Proposal(
            Map<String, Integer> widths,
            double costNow,
            double costThen,
            double standardError,
            double removed,
            boolean feasible,
            OptionalDouble bound,
            boolean measured,
            String method) {}

    /**
     * The cost of the network as it is, in the planner's unit.
     *
     * @param limitSeconds of measuring what is missing; the rest is guessed
     * @throws SecateurException when the device has no kernel for one of its launches
     */
    double costNow(Network network, double limitSeconds) {
        double cost = cost(network, Map.of(), limitSeconds);
        refusal(network, Map.of()).ifPresent(reason -> {
            throw SecateurException.environment(
                    costs.device().id() + " cannot compute the network at hand: " + reason,
                    network.name(),
                    "use another network, batch or layout");
        });
        return cost;
    }

    /** Why the device cannot compute the network with these widths, as far as it was asked for its launches. */
    Optional<String> refusal(Network network, Map<String, Integer> widths) {
        return launches(network, widths).stream()
                .flatMap(workload -> costs.refusal(workload).stream())
                .findFirst();
    }

    /** Asks the device for a kernel of each launch of a network, for what no row told of. */
    void probe(Network network) {
        costs.probe(launches(network, Map.of()));
    }

    private Set<Workload> launches(Network network, Map<String, Integer> widths) {
        NodeCosts nodes = new NodeCosts(network, step);
        List<WidthProblem.Group> groups = only(nodes, widths);
        return new Costing(network, nodes, groups)
                .launches(Collections.nCopies(groups.size(), 0))
                .keySet();
    }

    /**
     * The cost of the network with other widths, in the planner's unit, guessed where measuring is not allowed.
     *
     * @param widths channels of the groups that change, 0 for a branch that goes
     * @param limitSeconds of measuring
     */
    double cost(Network network, Map<String, Integer> widths, double limitSeconds) {
        NodeCosts nodes = new NodeCosts(network, step);
        List<WidthProblem.Group> groups = only(nodes, widths);
        Costing costing = new Costing(network, nodes, groups);
        List<Integer> only = Collections.nCopies(groups.size(), 0);
        measure(network, costing, only, limitSeconds);
        CostModel model = model();
        return costing.problem(cost(model, false), perParameter(network, model))
                .cost(only.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Whether no launch of the network with these widths would have to be guessed. */
    boolean known(Network network, Map<String, Integer> widths) {
        NodeCosts nodes = new NodeCosts(network, step);
        List<WidthProblem.Group> groups = only(nodes, widths);
        return measure(network, new Costing(network, nodes, groups), Collections.nCopies(groups.size(), 0), 0);
    }

    private static List<WidthProblem.Group> only(NodeCosts nodes, Map<String, Integer> widths) {
        return nodes.groups().prunable().stream()
                .map(g -> new WidthProblem.Group(
                        g.id(), new int[] {widths.getOrDefault(g.id(), g.channels())}, new double[] {0}))
                .toList();
    }

    /**
     * Plans; {@link #costNow} is called before, since guesses rest on the rows of the network at hand.
     *
     * @param scores saliency of each group's channels
     * @param limitSeconds of measuring
     */
    Proposal plan(Network network, GroupScores scores, Bound bound, double limitSeconds) {
        NodeCosts nodes = new NodeCosts(network, step);
        List<WidthProblem.Group> groups = candidates(nodes, scores);
        Costing costing = new Costing(network, nodes, groups);
        double spent = costs.secondsSpent();
        for (int round = 0; ; round++) {
            CostModel model = model();
            WidthProblem problem = costing.problem(cost(model, true), perParameter(network, model));
            WidthSolution solution = solve(problem, bound);
            double left = limitSeconds - (costs.secondsSpent() - spent);
            boolean complete = counted.isPresent()
                    || measure(network, costing, solution.choice(), round < MOST_ROUNDS ? Math.max(0, left) : 0);
            boolean changed = !complete && round < MOST_ROUNDS && left > 0;
            if ((complete && settled(costing, network, solution, bound)) || (!complete && !changed)) {
                return proposal(network, costing, solution, bound, complete);
            }
        }
    }

    /** Whether solving again with what is now known gives the same widths. */
    private boolean settled(Costing costing, Network network, WidthSolution solution, Bound bound) {
        CostModel model = model();
        WidthProblem problem = costing.problem(cost(model, true), perParameter(network, model));
        return solve(problem, bound).choice().equals(solution.choice());
    }

    private Proposal proposal(Network network, Costing costing, WidthSolution solution, Bound bound, boolean measured) {
        CostModel model = model();
        WidthProblem problem = costing.problem(cost(model, false), perParameter(network, model));
        int[] choice = solution.choice().stream().mapToInt(Integer::intValue).toArray();
        Map<String, Integer> widths = new LinkedHashMap<>();
        int[] chosen = problem.widths(choice);
        for (int g = 0; g < chosen.length; g++) {
            widths.put(problem.groups().get(g).id(), chosen[g]);
        }
        double then = problem.cost(choice);
        boolean feasible = switch (bound) {
            case Bound.WithinCost within -> then <= within.limit() * 1.005;
            case Bound.WithinSaliency within -> solution.feasible();
        };
        return new Proposal(
                widths,
                problem.cost(problem.keepAll()),
                then,
                standardError(costing, problem.keepAll(), choice, model),
                problem.removed(choice),
                feasible,
                solution.bound(),
                measured,
                solution.method());
    }

    private WidthSolution solve(WidthProblem problem, Bound bound) {
        return switch (bound) {
            case Bound.WithinCost within -> new WidthSolver(problem).withinCost(within.limit());
            case Bound.WithinSaliency within -> new WidthSolver(problem).withinSaliency(within.cap());
        };
    }

    /** Measures what a choice launches and the table does not answer; true when nothing is missing any more. */
    private boolean measure(Network network, Costing costing, List<Integer> choice, double limitSeconds) {
        if (counted.isPresent()) {
            return true;
        }
        MeasuredCosts known = new MeasuredCosts(costs.snapshot());
        Set<Workload> wanted = new LinkedHashSet<>(costing.launches(choice).keySet());
        if (step.stepWeight() > 0) {
            wanted.add(optimizer(network));
        }
        List<Workload> missing = wanted.stream()
                .filter(w -> known.predict(w).seconds().estimate().isEmpty())
                .toList(); // of which costs leaves out what is refused
        return costs.measure(missing, SamplerOptions.rough(), limitSeconds);
    }

    private Workload optimizer(Network network) {
        List<Parameters.Tensor> trained = Parameters.of(network).stream()
                .filter(t -> t.kind() == Parameters.Kind.TRAINED)
                .toList();
        long elements = trained.stream().mapToLong(Parameters.Tensor::elements).sum();
        return new Workload(
                new Operation.OptimizerStep(elements, trained.size()),
                Pass.UPDATE,
                step.dataType(),
                step.mathMode(),
                step.layout());
    }

    private CostModel model() {
        return new FirstOf(List.of(new MeasuredCosts(costs.snapshot()), new ScaledCosts(costs.snapshot(), QUANTUM)));
    }

    private ToDoubleFunction<Workload> cost(CostModel model, boolean hopeful) {
        if (counted.isPresent()) {
            ToDoubleFunction<Workload> count = counted.get();
            return workload -> costs.isRefused(workload) ? REFUSED : count.applyAsDouble(workload);
        }
        MeasuredCosts known = new MeasuredCosts(costs.snapshot());
        return workload -> {
            if (costs.isRefused(workload)) {
                return REFUSED;
            }
            double seconds = seconds(model, workload);
            boolean guessed =
                    hopeful && known.predict(workload).seconds().estimate().isEmpty();
            return guessed ? HOPE * seconds : seconds;
        };
    }

    private double perParameter(Network network, CostModel model) {
        if (kind == CostKind.PARAMETERS) {
            return 1;
        }
        if (kind == CostKind.MACS || step.stepWeight() == 0) {
            return 0;
        }
        Workload optimizer = optimizer(network);
        long parameters = ((Operation.OptimizerStep) optimizer.operation()).parameters();
        double update = counted.map(cost -> cost.applyAsDouble(optimizer)).orElseGet(() -> seconds(model, optimizer));
        return step.stepWeight() * update / parameters;
    }

    private static double seconds(CostModel model, Workload workload) {
        return model.predict(workload).seconds().estimate().map(Estimate::value).orElse(0.0);
    }

    /** Independent errors of the launches that differ; a half-width at 95 % is two standard errors. */
    private double standardError(Costing costing, int[] now, int[] then, CostModel model) {
        if (counted.isPresent()) {
            return 0;
        }
        Map<Workload, Double> difference = new LinkedHashMap<>(costing.launches(boxed(then)));
        costing.launches(boxed(now)).forEach((w, times) -> difference.merge(w, -times, Double::sum));
        double variance = 0;
        for (Map.Entry<Workload, Double> entry : difference.entrySet()) {
            double half = model.predict(entry.getKey())
                    .seconds()
                    .estimate()
                    .map(Estimate::halfWidth)
                    .orElse(0.0);
            double error = entry.getValue() * half / 2;
            variance += error * error;
        }
        return Math.sqrt(variance);
    }

    private static List<Integer> boxed(int[] choice) {
        return Arrays.stream(choice).boxed().toList();
    }

    /**
     * Widths on a grid of at most 16 steps, what is alive, what there is now, and 0 for a branch that may go. Widths that
     * a wider one undercuts stay among them: the solver never takes one, and which they are only measuring all would tell.
     */
    private static List<WidthProblem.Group> candidates(NodeCosts nodes, GroupScores scores) {
        Set<String> removable = nodes.removable();
        return scores.ids().stream()
                .map(id -> scores.candidates(id, widths(scores.channels(id), scores.alive(id), removable.contains(id))))
                .toList();
    }

    private static int[] widths(int channels, int alive, boolean removable) {
        int grid = Math.ceilDiv(channels, (MOST_CANDIDATES - 3) * QUANTUM) * QUANTUM;
        TreeSet<Integer> widths = new TreeSet<>();
        for (int width = grid; width < channels; width += grid) {
            widths.add(width);
        }
        if (alive > 0) {
            widths.add(alive);
        }
        widths.add(channels);
        if (removable) {
            widths.add(0);
        }
        return widths.stream().mapToInt(Integer::intValue).toArray();
    }
}
