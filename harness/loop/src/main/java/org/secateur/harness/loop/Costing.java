package org.secateur.harness.loop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.planning.NodeCosts;
import org.secateur.models.core.pruning.WidthProblem;
import org.secateur.results.core.Workload;

/** Turns what nodes launch into the cost terms of a width problem. */
final class Costing {
    private final NodeCosts nodes;
    private final List<WidthProblem.Group> groups;
    private final Map<String, Integer> places = new HashMap<>();
    private final List<Scoped> scoped;

    /** A node with the groups that it depends on, what it launches under every choice of their candidates. */
    @SuppressWarnings("ArrayRecordComponent") // tables, never compared
    private record Scoped(int[] groups, List<Map<Workload, Double>> launches, long[] parameters) {}

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
        int size = 1;
        for (int g : scope) {
            size *= groups.get(g).widths().length;
        }
        List<Map<Workload, Double>> launches = new java.util.ArrayList<>(size);
        long[] parameters = new long[size];
        for (int at = 0; at < size; at++) {
            Map<String, Integer> widths = new HashMap<>();
            int rest = at;
            for (int i = scope.length - 1; i >= 0; i--) {
                WidthProblem.Group group = groups.get(scope[i]);
                widths.put(group.id(), group.widths()[rest % group.widths().length]);
                rest /= group.widths().length;
            }
            launches.add(nodes.launches(node, widths));
            parameters[at] = nodes.parameters(node, widths);
        }
        return new Scoped(scope, launches, parameters);
    }

    /** The width problem under a cost of each launch. */
    WidthProblem problem(ToDoubleFunction<Workload> cost, double secondsPerParameter) {
        Map<Workload, Double> known = new HashMap<>();
        double constant = 0;
        List<WidthProblem.Term> terms = new java.util.ArrayList<>();
        for (Scoped node : scoped) {
            double[] costs = new double[node.launches.size()];
            for (int at = 0; at < costs.length; at++) {
                for (Map.Entry<Workload, Double> launch : node.launches.get(at).entrySet()) {
                    costs[at] += launch.getValue() * known.computeIfAbsent(launch.getKey(), cost::applyAsDouble);
                }
                costs[at] += node.parameters[at] * secondsPerParameter;
            }
            if (node.groups.length == 0) {
                constant += costs[0];
            } else {
                terms.add(new WidthProblem.Term(node.groups, costs));
            }
        }
        return new WidthProblem(groups, terms, constant);
    }

    /** What a choice launches in one step, with how often each counts; the optimizer apart. */
    Map<Workload, Double> launches(List<Integer> choice) {
        Map<Workload, Double> launches = new java.util.LinkedHashMap<>();
        for (Scoped node : scoped) {
            int at = 0;
            for (int g : node.groups) {
                at = at * groups.get(g).widths().length + choice.get(g);
            }
            node.launches.get(at).forEach((w, times) -> launches.merge(w, times, Double::sum));
        }
        return launches;
    }
}
