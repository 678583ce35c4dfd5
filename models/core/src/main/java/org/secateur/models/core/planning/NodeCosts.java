package org.secateur.models.core.planning;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.secateur.models.core.graph.Branch;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;

/**
 * What each node of a network launches at other widths of its channel groups: the terms of the width rule. A node
 * depends on the groups that it reads and makes, and inside a residual branch also on the branch's inner groups, since
 * it vanishes when one of them is empty.
 */
public final class NodeCosts {
    private final Network network;
    private final Step step;
    private final ChannelGroups groups;
    private final Map<String, Shape> shapes;
    private final Map<String, Integer> channels = new HashMap<>();
    /** By node the groups of the branches that it stands in: it is deleted when one of them is empty. */
    private final Map<String, List<String>> killers = new HashMap<>();
    /** By addition the groups of its branches: it becomes its shortcut when one of them is empty. */
    private final Map<String, List<String>> summands = new HashMap<>();

    private final Map<String, List<String>> scopes = new HashMap<>();
    /** The groups inside residual branches. */
    private final Set<String> inner = new HashSet<>();

    private final Set<String> removable;
    private final Set<String> trained = new LinkedHashSet<>();

    /** Prepares a network. */
    public NodeCosts(Network network, Step step) {
        this.network = network;
        this.step = step;
        groups = ChannelGroups.of(network);
        shapes = Shapes.of(network);
        groups.groups().forEach(g -> channels.put(g.id(), g.channels()));
        List<Branch> branches = Branch.of(network, groups);
        for (Branch branch : branches) {
            branch.nodes()
                    .forEach(n ->
                            killers.computeIfAbsent(n, k -> new ArrayList<>()).addAll(branch.groups()));
            summands.computeIfAbsent(branch.add(), k -> new ArrayList<>()).addAll(branch.groups());
            inner.addAll(branch.groups());
        }
        removable = Branch.removable(branches).stream()
                .map(branch -> branch.groups().get(0))
                .collect(Collectors.toUnmodifiableSet());
        for (Node node : network.nodes()) {
            boolean parameters = Parameters.of(node.name(), node.layer(), Shapes.inputs(node, shapes)).stream()
                    .anyMatch(t -> t.kind() == Parameters.Kind.TRAINED);
            if (parameters || node.inputs().stream().anyMatch(trained::contains)) {
                trained.add(node.name());
            }
        }
    }

    /** The groups that a plan may change, by id, in the network's order. */
    public List<String> variables() {
        return groups.prunable().stream().map(g -> g.id()).toList();
    }

    /** The channel groups. */
    public ChannelGroups groups() {
        return groups;
    }

    /**
     * The groups that a plan may empty, also all of them at once: of each branch that may go one inner group, since
     * without any other the same branch would go.
     */
    public Set<String> removable() {
        return removable;
    }

    /** The variable groups that the launches serving a node depend on. */
    public List<String> scope(Node node) {
        return scopes.computeIfAbsent(node.name(), n -> scopeOf(node));
    }

    private List<String> scopeOf(Node node) {
        Set<String> scope = new LinkedHashSet<>();
        node.inputs().forEach(input -> addVariables(scope, input));
        addVariables(scope, node.name());
        scope.addAll(killers.getOrDefault(node.name(), List.of()));
        scope.addAll(summands.getOrDefault(node.name(), List.of()));
        for (Node consumer : network.consumers(node.name())) {
            scope.addAll(killers.getOrDefault(consumer.name(), List.of()));
        }
        return List.copyOf(scope);
    }

    private void addVariables(Set<String> scope, String tensor) {
        groups.of(tensor).stream().filter(ChannelGroup::prunable).forEach(g -> scope.add(g.id()));
    }

    /**
     * What a node launches in one step at these widths, with how often each counts; the optimizer's share is apart.
     *
     * @param widths of the groups in the node's scope; a group that is absent keeps its channels
     */
    public Map<Workload, Double> launches(Node node, Map<String, Integer> widths) {
        if (deleted(node, widths)) {
            return Map.of();
        }
        Map<Workload, Double> launches = new LinkedHashMap<>();
        int sums = gradientSums(node, widths);
        if (sums > 0 && step.stepWeight() > 0) {
            launches.put(sum(shape(node.name(), widths)), sums * step.stepWeight());
        }
        if (anyEmpty(summands, node, widths)) {
            return launches;
        }
        List<Shape> inputs = node.inputs().stream().map(t -> shape(t, widths)).toList();
        Layer layer = layer(node, widths);
        if (step.stepWeight() > 0) {
            boolean gradient = node.inputs().stream().anyMatch(trained::contains);
            for (Workload w : Lowering.trainingWorkloads(
                    layer, inputs, gradient, step.batch(), step.dataType(), step.mathMode(), step.layout())) {
                launches.merge(w, step.stepWeight(), Double::sum);
            }
        }
        if (step.stepWeight() < 1) {
            for (Workload w : Lowering.inferenceWorkloads(
                    layer, inputs, step.inferenceBatch(), step.dataType(), step.mathMode(), step.layout())) {
                launches.merge(w, 1 - step.stepWeight(), Double::sum);
            }
        }
        return launches;
    }

    /**
     * What a node's launches and parameters depend on at these widths: where it gives the same numbers, they are the
     * same. Behind a concatenation many widths give the same sums.
     */
    public List<Integer> signature(Node node, Map<String, Integer> widths) {
        List<Integer> signature = new ArrayList<>();
        node.inputs().forEach(input -> signature.add(shape(input, widths).channels()));
        signature.add(shape(node.name(), widths).channels());
        scope(node).stream().filter(inner::contains).forEach(group -> signature.add(width(group, widths) == 0 ? 0 : 1));
        return signature;
    }

    /** The trained parameters of a node at these widths. */
    public long parameters(Node node, Map<String, Integer> widths) {
        if (deleted(node, widths)) {
            return 0;
        }
        List<Shape> inputs = node.inputs().stream().map(t -> shape(t, widths)).toList();
        return Parameters.of(node.name(), layer(node, widths), inputs).stream()
                .filter(t -> t.kind() == Parameters.Kind.TRAINED)
                .mapToLong(Parameters.Tensor::elements)
                .sum();
    }

    /** Multiply-accumulates of one image's inference through a node at these widths. */
    public long macs(Node node, Map<String, Integer> widths) {
        if (deleted(node, widths)) {
            return 0;
        }
        List<Shape> inputs = node.inputs().stream().map(t -> shape(t, widths)).toList();
        return Lowering.inferenceWorkloads(
                        layer(node, widths), inputs, 1, step.dataType(), step.mathMode(), step.layout())
                .stream()
                .mapToLong(Workload::macs)
                .sum();
    }

    private boolean deleted(Node node, Map<String, Integer> widths) {
        return anyEmpty(killers, node, widths);
    }

    private boolean anyEmpty(Map<String, List<String>> branches, Node node, Map<String, Integer> widths) {
        return branches.getOrDefault(node.name(), List.of()).stream().anyMatch(g -> width(g, widths) == 0);
    }

    /**
     * How often autograd adds two gradients of the node's output: once less than it is read. An addition without its
     * branch still counts as one reader of its shortcut, and its own readers, whose gradients meet at the shortcut then,
     * count here.
     */
    private int gradientSums(Node node, Map<String, Integer> widths) {
        if (!trained.contains(node.name())) {
            return 0;
        }
        long reads = network.nodes().stream()
                .filter(reader -> !deleted(reader, widths))
                .flatMap(reader -> reader.inputs().stream())
                .filter(node.name()::equals)
                .count();
        return (int) Math.max(0, reads - 1);
    }

    private Workload sum(Shape shape) {
        return new Workload(
                new Operation.Add(step.batch(), shape.channels(), shape.height(), shape.width(), Operand.TENSOR),
                Pass.FORWARD,
                step.dataType(),
                step.mathMode(),
                step.layout());
    }

    private Shape shape(String tensor, Map<String, Integer> widths) {
        Shape now = Shapes.require(shapes, tensor);
        int width = groups.features(tensor, group -> width(group, widths));
        return width == now.channels() ? now : new Shape(Math.max(1, width), now.height(), now.width());
    }

    private int width(String group, Map<String, Integer> widths) {
        Integer now = channels.get(group);
        return widths.getOrDefault(group, now == null ? 0 : now);
    }

    /** The layer at these widths. */
    private Layer layer(Node node, Map<String, Integer> widths) {
        int before = Shapes.require(shapes, node.input()).channels();
        int inputs = shape(node.input(), widths).channels();
        int outputs = shape(node.name(), widths).channels();
        return node.layer() instanceof Layer.IndexMap map
                ? indexMap(map, before, inputs, outputs)
                : node.layer().resized(before, inputs, outputs);
    }

    /** A map of the expected number of copied channels, when both sides lose channels independently. */
    private static Layer.IndexMap indexMap(Layer.IndexMap map, int inputsNow, int inputs, int outputs) {
        if (inputs == inputsNow && outputs == map.sources().size()) {
            return map;
        }
        double share = (double) map.mapped() / map.sources().size() * inputs / inputsNow;
        int mapped = (int) Math.max(1, Math.min(Math.min(inputs, outputs), Math.round(share * outputs)));
        List<Integer> sources = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            sources.add(i < mapped ? i : Layer.IndexMap.ZERO);
        }
        return new Layer.IndexMap(sources, map.stride());
    }
}
