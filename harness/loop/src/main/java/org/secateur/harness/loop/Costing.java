package org.secateur.harness.loop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.planning.NodeCosts;
import org.secateur.models.core.pruning.WidthProblem;
import org.secateur.results.core.Workload;

/** Turns what nodes launch into the cost terms of a width problem. */
final class Costing {
    /** A cost that depends on more groups gets no table. */
    private static final int MOST_GROUPS = 3;

    private final NodeCosts nodes;
    private final List<WidthProblem.Group> groups;
    private final Map<String, Integer> places = new HashMap<>();
    private final List<Scoped> scoped;

    /** What a node launches in one step, and its parameters. */
    private record Share(Map<Workload, Double> launches, long parameters) {}

    /** A node's share under a choice for all groups; only those of its scope matter. */
    private interface Shares {
        Share at(int[] choice);
    }

    @SuppressWarnings("ArrayRecordComponent") // indices, never compared
    private record Scoped(int[] groups, Shares shares) {}

    /** Costs of a network's nodes; a group that is not among the problem's keeps its channels. */
    Costing(Network network, NodeCosts nodes, List<WidthProblem.Group> groups) {
        this.nodes = nodes;
        this.groups = groups;
        for (int i = 0; i < groups.size(); i++) {
            places.put(groups.get(i).id(), i);
        }
        scoped = network.nodes().stream().map(this::scoped).toList();
    }

    private Scoped scoped(Node node) {
        int[] scope = nodes.scope(node).stream()
                .filter(places::containsKey)
                .mapToInt(group -> places.getOrDefault(group, 0))
                .toArray();
        if (scope.length > MOST_GROUPS) {
            Map<List<Integer>, Share> known = new HashMap<>();
            return new Scoped(scope, choice -> {
                Map<String, Integer> widths = widths(scope, choice);
                return known.computeIfAbsent(nodes.signature(node, widths), s -> share(node, widths));
            });
        }
        List<Share> table = new ArrayList<>();
        forEachChoice(scope, choice -> table.add(share(node, widths(scope, choice))));
        return new Scoped(scope, choice -> {
            int at = 0;
            for (int g : scope) {
                at = at * groups.get(g).widths().length + choice[g];
            }
            return table.get(at);
        });
    }

    private Share share(Node node, Map<String, Integer> widths) {
        return new Share(nodes.launches(node, widths), nodes.parameters(node, widths));
    }

    private Map<String, Integer> widths(int[] scope, int[] choice) {
        Map<String, Integer> widths = new HashMap<>();
        for (int g : scope) {
            widths.put(groups.get(g).id(), groups.get(g).widths()[choice[g]]);
        }
        return widths;
    }

    /** Visits all combinations of some groups' candidates, the last group's fastest; the array is used again. */
    private void forEachChoice(int[] scope, Consumer<int[]> visit) {
        int[] choice = new int[groups.size()];
        int last = scope.length - 1;
        int i = last;
        visit.accept(choice);
        while (i >= 0) {
            if (++choice[scope[i]] < groups.get(scope[i]).widths().length) {
                visit.accept(choice);
                i = last;
            } else {
                choice[scope[i--]] = 0;
            }
        }
    }

    /** The width problem under a cost of each launch. */
    WidthProblem problem(ToDoubleFunction<Workload> cost, double secondsPerParameter) {
        Map<Workload, Double> known = new HashMap<>();
        IdentityHashMap<Share, Double> costs = new IdentityHashMap<>();
        ToDoubleFunction<Share> costOf = share -> costs.computeIfAbsent(share, s -> {
            double sum = s.parameters * secondsPerParameter;
            for (Map.Entry<Workload, Double> launch : s.launches.entrySet()) {
                sum += launch.getValue() * known.computeIfAbsent(launch.getKey(), cost::applyAsDouble);
            }
            return sum;
        });
        double constant = 0;
        List<WidthProblem.Term> terms = new ArrayList<>();
        List<ToDoubleFunction<int[]>> wide = new ArrayList<>();
        for (Scoped node : scoped) {
            if (node.groups.length > MOST_GROUPS) {
                wide.add(choice -> costOf.applyAsDouble(node.shares.at(choice)));
            } else if (node.groups.length == 0) {
                constant += costOf.applyAsDouble(node.shares.at(new int[groups.size()]));
            } else {
                List<Double> table = new ArrayList<>();
                forEachChoice(node.groups, choice -> table.add(costOf.applyAsDouble(node.shares.at(choice))));
                terms.add(new WidthProblem.Term(
                        node.groups,
                        table.stream().mapToDouble(Double::doubleValue).toArray()));
            }
        }
        return new WidthProblem(groups, terms, wide, constant);
    }

    /** What a choice launches in one step, with how often each counts; the optimizer apart. */
    Map<Workload, Double> launches(List<Integer> choice) {
        int[] all = choice.stream().mapToInt(Integer::intValue).toArray();
        Map<Workload, Double> launches = new LinkedHashMap<>();
        for (Scoped node : scoped) {
            node.shares.at(all).launches.forEach((w, times) -> launches.merge(w, times, Double::sum));
        }
        return launches;
    }
}
