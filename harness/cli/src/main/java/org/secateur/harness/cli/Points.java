package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.models.core.planning.NodeCosts;
import org.secateur.models.core.planning.Step;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/** Which workloads of a network are measured: its own, and those of its layers with narrower inputs and outputs. */
final class Points {
    private final Network network;
    private final NodeCosts nodes;
    private final Set<WorkloadKey> keys = new LinkedHashSet<>();

    private Points(Network network, int batch, int inferenceBatch) {
        this.network = network;
        nodes = new NodeCosts(
                network, new Step(batch, inferenceBatch, 0.5, DataType.F32, MathMode.DEFAULT, Layout.NCHW));
        add(training(network, batch));
        add(inference(network, inferenceBatch));
    }

    /** The training step in the arithmetic that is measured here. */
    static StepProgram training(Network network, int batch) {
        return Lowering.training(network, batch, DataType.F32, Layout.NCHW);
    }

    /** One inference in the arithmetic that is measured here. */
    static StepProgram inference(Network network, int batch) {
        return Lowering.inference(network, batch, DataType.F32, Layout.NCHW);
    }

    /**
     * The keys of a training step and an inference, each once, those of the network itself first. Then, for every layer,
     * all combinations of its input's and output's groups at the given fractions of their widths, those of one tensor
     * together; and, for the optimizer, all groups at each fraction.
     */
    static List<WorkloadKey> of(Network network, int batch, int inferenceBatch, List<Double> fractions) {
        Points points = new Points(network, batch, inferenceBatch);
        if (!fractions.isEmpty()) {
            points.addNeighbours(fractions);
        }
        return List.copyOf(points.keys);
    }

    private void addNeighbours(List<Double> fractions) {
        ChannelGroups groups = nodes.groups();
        for (Node node : network.nodes()) {
            Set<ChannelGroup> made = new LinkedHashSet<>(groups.of(node.name()));
            Set<ChannelGroup> read = new LinkedHashSet<>();
            node.inputs().forEach(input -> read.addAll(groups.of(input)));
            read.removeAll(made);
            for (Map<String, Integer> widths : combinations(List.of(made, read), fractions)) {
                nodes.launches(node, widths).keySet().forEach(workload -> keys.add(WorkloadKey.cold(workload)));
            }
        }
        long tensors = Parameters.of(network).stream()
                .filter(t -> t.kind() == Parameters.Kind.TRAINED)
                .count();
        for (double fraction : fractions) {
            Map<String, Integer> widths = new LinkedHashMap<>();
            groups.prunable().forEach(group -> widths.put(group.id(), narrowed(group, fraction)));
            long parameters = network.nodes().stream()
                    .mapToLong(node -> nodes.parameters(node, widths))
                    .sum();
            keys.add(WorkloadKey.cold(
                    Workload.of(new Operation.OptimizerStep(parameters, Math.toIntExact(tensors)), Pass.UPDATE)));
        }
    }

    /** Every choice of a fraction, or of the width at hand, for each set of groups, which become narrower together. */
    private static List<Map<String, Integer>> combinations(List<Set<ChannelGroup>> sets, List<Double> fractions) {
        List<Map<String, Integer>> all = new ArrayList<>(List.of(Map.of()));
        for (Set<ChannelGroup> set : sets) {
            List<Map<String, Integer>> further = new ArrayList<>();
            for (Map<String, Integer> widths : all) {
                for (double fraction : fractions) {
                    Map<String, Integer> more = new LinkedHashMap<>(widths);
                    set.stream()
                            .filter(ChannelGroup::prunable)
                            .forEach(group -> more.put(group.id(), narrowed(group, fraction)));
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
