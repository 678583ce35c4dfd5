package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.WorkloadKey;

/** Which workloads of a network are measured: its own, and those of its layers with narrower inputs and outputs. */
final class Points {
    private final Network network;
    private final int batch;
    private final int inferenceBatch;
    private final Set<WorkloadKey> keys = new LinkedHashSet<>();
    private final Map<Map<String, Integer>, List<StepProgram>> lowered = new LinkedHashMap<>();

    private Points(Network network, int batch, int inferenceBatch) {
        this.network = network;
        this.batch = batch;
        this.inferenceBatch = inferenceBatch;
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
     * all combinations of its input's and output's group at the given fractions of their widths; and, for the optimizer,
     * all groups at each fraction.
     */
    static List<WorkloadKey> of(Network network, int batch, int inferenceBatch, List<Double> fractions) {
        Points points = new Points(network, batch, inferenceBatch);
        points.add(Map.of(), "");
        if (!fractions.isEmpty()) {
            points.addNeighbours(
                    node -> true,
                    group -> fractions.stream()
                            .map(fraction -> narrowed(group, fraction))
                            .toList());
            for (double fraction : fractions) {
                points.addOptimizer(group -> narrowed(group, fraction));
            }
        }
        return List.copyOf(points.keys);
    }

    /**
     * The keys of all layers without a staircase, and of the optimizer, at the least widths of a neighbourhood and
     * halfway: between them their cost is affine.
     *
     * @param from the least width
     */
    static List<WorkloadKey> elementwise(Network network, int batch, int inferenceBatch, int from) {
        Points points = new Points(network, batch, inferenceBatch);
        points.addNeighbours(
                node -> !(node.layer() instanceof Layer.Convolution || node.layer() instanceof Layer.Linear),
                group -> Neighbourhood.elementwise(group, from));
        points.addOptimizer(group -> Math.min(from, group.channels()));
        return List.copyOf(points.keys);
    }

    private void addNeighbours(Predicate<Node> chosen, Function<ChannelGroup, List<Integer>> narrower) {
        ChannelGroups groups = ChannelGroups.of(network);
        for (Node node : network.nodes().stream().filter(chosen).toList()) {
            Set<ChannelGroup> touched = new LinkedHashSet<>();
            touched.add(groups.of(node.name()));
            node.inputs()
                    .forEach(
                            input -> touched.add(groups.group(groups.held(input).group())));
            touched.removeIf(group -> !group.prunable());
            for (Map<String, Integer> widths : combinations(touched, narrower)) {
                add(widths, node.name());
            }
        }
    }

    private void addOptimizer(ToIntFunction<ChannelGroup> narrower) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        ChannelGroups.of(network).prunable().forEach(group -> widths.put(group.id(), narrower.applyAsInt(group)));
        add(widths, Lowering.OPTIMIZER);
    }

    private static List<Map<String, Integer>> combinations(
            Set<ChannelGroup> touched, Function<ChannelGroup, List<Integer>> narrower) {
        List<Map<String, Integer>> all = new ArrayList<>(List.of(Map.of()));
        for (ChannelGroup group : touched) {
            List<Map<String, Integer>> further = new ArrayList<>();
            for (Map<String, Integer> widths : all) {
                for (int width : narrower.apply(group)) {
                    Map<String, Integer> more = new LinkedHashMap<>(widths);
                    more.put(group.id(), width);
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

    /** The workloads of one layer, or of all where it is empty, of the network at these widths. */
    private void add(Map<String, Integer> widths, String layer) {
        lowered.computeIfAbsent(widths, this::lower)
                .forEach(program -> program.instructions().stream()
                        .filter(i -> layer.isEmpty() || i.layer().equals(layer))
                        .forEach(i -> keys.add(WorkloadKey.cold(i.workload()))));
    }

    private List<StepProgram> lower(Map<String, Integer> widths) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        widths.forEach(
                (group, width) -> kept.put(group, IntStream.range(0, width).toArray()));
        Network cut = kept.isEmpty() ? network : Surgery.shrink(network, kept);
        return List.of(training(cut, batch), inference(cut, inferenceBatch));
    }
}
