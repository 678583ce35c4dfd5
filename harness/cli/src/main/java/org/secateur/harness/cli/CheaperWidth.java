package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.planning.NodeCosts;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.statistics.Estimate;

/**
 * How far a channel group must shrink before the training step gets cheaper by a step: on a staircase, often by several
 * channels. Only what the table knows counts; the other groups stay as they are, and the optimizer's share is left out.
 *
 * @param channels of the group now
 * @param width the widest at which the launches that depend on the group cost less than now, by more than both intervals
 *     and by more than {@link MeasuredCosts#SAME_STEP}, since a little is saved by every channel; 0 for none
 * @param ratio the time of all launches that depend on the group at that width, relative to now
 */
record CheaperWidth(String group, int channels, int width, Quantity ratio) {
    /** The answers for all groups that may shrink, in the network's order. */
    static List<CheaperWidth> of(Network network, int batch, CostTable table, Arithmetic arithmetic) {
        NodeCosts nodes = new NodeCosts(network, arithmetic.step(batch, 1, 1));
        Search search = new Search(network, nodes, new MeasuredCosts(table));
        return nodes.variables().stream().map(search::cheaper).toList();
    }

    private record Search(Network network, NodeCosts nodes, MeasuredCosts costs) {
        CheaperWidth cheaper(String group) {
            int channels = nodes.groups().group(group).channels();
            List<Node> scope = network.nodes().stream()
                    .filter(node -> nodes.scope(node).contains(group))
                    .toList();
            Optional<Estimate> now = seconds(scope, Map.of());
            if (now.isEmpty()) {
                return none(group, channels, "not all of its layers are in the table");
            }
            boolean any = false;
            for (int width = channels - 1; width >= 1; width--) {
                Optional<Estimate> then = seconds(scope, Map.of(group, width));
                any |= then.isPresent();
                if (then.isPresent() && isStepBelow(then.get(), now.get())) {
                    return new CheaperWidth(group, channels, width, ratio(then.get(), now.get()));
                }
            }
            return none(
                    group,
                    channels,
                    any
                            ? "no narrower width in the table is a step cheaper"
                            : "no narrower width is in the table: see --neighbourhood");
        }

        private static boolean isStepBelow(Estimate then, Estimate now) {
            double saved = now.value() - then.value();
            return saved > Math.hypot(now.halfWidth(), then.halfWidth())
                    && saved > MeasuredCosts.SAME_STEP * now.value();
        }

        private static CheaperWidth none(String group, int channels, String reason) {
            return new CheaperWidth(group, channels, 0, Quantity.unavailable(reason));
        }

        /** The time of all launches of these nodes; empty where one is not known. */
        private Optional<Estimate> seconds(List<Node> scope, Map<String, Integer> widths) {
            Map<Workload, Double> launches = new LinkedHashMap<>();
            scope.forEach(
                    node -> nodes.launches(node, widths).forEach((w, times) -> launches.merge(w, times, Double::sum)));
            List<Estimate> parts = new ArrayList<>();
            for (Map.Entry<Workload, Double> launch : launches.entrySet()) {
                Optional<Estimate> seconds =
                        costs.predict(launch.getKey()).seconds().estimate();
                if (seconds.isEmpty()) {
                    return Optional.empty();
                }
                parts.add(seconds.get().times(launch.getValue()));
            }
            return parts.stream().reduce(Estimate::plus);
        }

        private static Quantity ratio(Estimate then, Estimate now) {
            double value = then.value() / now.value();
            double error = value * Math.hypot(then.relativeHalfWidth(), now.relativeHalfWidth());
            return Quantity.derived(new Estimate(
                    value,
                    value - error,
                    value + error,
                    Math.min(then.confidence(), now.confidence()),
                    Math.min(then.blocks(), now.blocks())));
        }
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("group", group);
        json.put("channels", channels);
        switch (ratio) {
            case Quantity.Missing missing -> json.put("nextCheaper", missing);
            case Quantity.Known known -> {
                Map<String, Object> next = new LinkedHashMap<>();
                next.put("channels", width);
                next.put("ratio", known);
                json.put("nextCheaper", next);
            }
        }
        return json;
    }
}
