package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.planning.NodeCosts;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/** Which workloads of a network are measured: its own, and those of its layers with narrower inputs and outputs. */
final class Points {
    private final Network network;
    private final Arithmetic arithmetic;
    private final NodeCosts nodes;
    private final Set<WorkloadKey> keys = new LinkedHashSet<>();

    private Points(Network network, int batch, int inferenceBatch, Arithmetic arithmetic) {
        this.network = network;
        this.arithmetic = arithmetic;
        nodes = new NodeCosts(network, arithmetic.step(batch, inferenceBatch, 0.5));
    }

    /**
     * The keys of a training step and an inference, each once, those of the network itself first. Then, for every layer,
     * all combinations of its input's and output's groups at the given fractions of their widths, those of one tensor
     * together; and, for the optimizer, all groups at each fraction.
     */
    static List<WorkloadKey> of(
            Network network, int batch, int inferenceBatch, List<Double> fractions, Arithmetic arithmetic) {
        Points points = new Points(network, batch, inferenceBatch, arithmetic);
        points.add(arithmetic.training(network, batch));
        points.add(arithmetic.inference(network, inferenceBatch));
        if (!fractions.isEmpty()) {
            List<ToIntFunction<ChannelGroup>> narrower = fractions.stream()
                    .<ToIntFunction<ChannelGroup>>map(fraction -> group -> narrowed(group, fraction))
                    .toList();
            points.addNeighbours(node -> true, narrower);
            narrower.forEach(points::addOptimizer);
        }
        return List.copyOf(points.keys);
    }

    /**
     * The keys of all layers without a staircase, and of the optimizer, at the least widths of a neighbourhood and
     * halfway: between them their cost is affine.
     *
     * @param from the least width
     */
    static List<WorkloadKey> elementwise(
            Network network, int batch, int inferenceBatch, int from, Arithmetic arithmetic) {
        Points points = new Points(network, batch, inferenceBatch, arithmetic);
        ToIntFunction<ChannelGroup> least = group -> Math.min(from, group.channels());
        points.addNeighbours(
                node -> !(node.layer() instanceof Layer.Convolution || node.layer() instanceof Layer.Linear),
                List.of(least, group -> (least.applyAsInt(group) + group.channels()) / 2));
        points.addOptimizer(least);
        return List.copyOf(points.keys);
    }

    private void addNeighbours(Predicate<Node> chosen, List<ToIntFunction<ChannelGroup>> narrower) {
        ChannelGroups groups = nodes.groups();
        for (Node node : network.nodes().stream().filter(chosen).toList()) {
            Set<ChannelGroup> made = new LinkedHashSet<>(groups.of(node.name()));
            Set<ChannelGroup> read = new LinkedHashSet<>();
            node.inputs().forEach(input -> read.addAll(groups.of(input)));
            read.removeAll(made);
            for (Map<String, Integer> widths : combinations(List.of(made, read), narrower)) {
                nodes.launches(node, widths).keySet().forEach(workload -> keys.add(WorkloadKey.cold(workload)));
            }
        }
    }

    private void addOptimizer(ToIntFunction<ChannelGroup> narrower) {
        long tensors = Parameters.of(network).stream()
                .filter(t -> t.kind() == Parameters.Kind.TRAINED)
                .count();
        Map<String, Integer> widths = new LinkedHashMap<>();
        nodes.groups().prunable().forEach(group -> widths.put(group.id(), narrower.applyAsInt(group)));
        long parameters = network.nodes().stream()
                .mapToLong(node -> nodes.parameters(node, widths))
                .sum();
        keys.add(WorkloadKey.cold(new Workload(
                new Operation.OptimizerStep(parameters, Math.toIntExact(tensors)),
                Pass.UPDATE,
                arithmetic.dataType(),
                arithmetic.mathMode(),
                arithmetic.layout())));
    }

    /** Every choice of a narrower width, or of the one at hand, for each set of groups, which shrink together. */
    private static List<Map<String, Integer>> combinations(
            List<Set<ChannelGroup>> sets, List<ToIntFunction<ChannelGroup>> narrower) {
        List<Map<String, Integer>> all = new ArrayList<>(List.of(Map.of()));
        for (Set<ChannelGroup> set : sets) {
            List<Map<String, Integer>> further = new ArrayList<>();
            for (Map<String, Integer> widths : all) {
                for (ToIntFunction<ChannelGroup> cut : narrower) {
                    Map<String, Integer> more = new LinkedHashMap<>(widths);
                    set.stream()
                            .filter(ChannelGroup::prunable)
                            .forEach(group -> more.put(group.id(), cut.applyAsInt(group)));
                    further.add(more);
                }
            }
            all.addAll(further);
        }
        return all;
    }

    private static int narrowed(ChannelGroup group, double fraction) {
        return (int) Math.max(1, Math.round(fraction * group.channels()));
    }

    private void add(StepProgram program) {
        program.instructions().forEach(i -> keys.add(WorkloadKey.cold(i.workload())));
    }
}
