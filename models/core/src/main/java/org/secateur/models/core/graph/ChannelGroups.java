package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.ChannelGroup.Use;

/**
 * All channel groups of a network. An addition ties its summands; an index map (option A) does not tie its input to its
 * output, so that stages stay independent.
 *
 * @param groups in the network's order, the image's first and the classifier's last
 * @param tensors the use of a group's channels by every tensor, by the name of the node that makes it
 */
public record ChannelGroups(List<ChannelGroup> groups, Map<String, Held> tensors) {
    public ChannelGroups {
        groups = List.copyOf(groups);
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /** The group whose channels a tensor holds, and how. */
    public record Held(String group, int offset, int expansion) {}

    /**
     * Finds the groups.
     *
     * @throws IllegalArgumentException naming the node, for a concatenation or a grouped convolution, which are not
     *     supported
     */
    public static ChannelGroups of(Network network) {
        return new Finder(network).find();
    }

    /** The group of that id. */
    public ChannelGroup group(String id) {
        return groups.stream()
                .filter(g -> g.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no channel group " + id + ": expected one of "
                        + groups.stream().map(ChannelGroup::id).toList()));
    }

    /** The group that the output of {@code node} holds. */
    public ChannelGroup of(String node) {
        return group(held(node).group());
    }

    /** How the output of {@code node}, or the image, holds its group. */
    public Held held(String node) {
        Held held = tensors.get(node);
        if (held == null) {
            throw new IllegalArgumentException("no tensor " + node + ": expected one of " + tensors.keySet());
        }
        return held;
    }

    /** The prunable ones. */
    public List<ChannelGroup> prunable() {
        return groups.stream().filter(ChannelGroup::prunable).toList();
    }

    /** Union-find over tensors: a set is named by the first tensor that made its channels. */
    private static final class Finder {
        private final Network network;
        private final Map<String, Shape> shapes;
        private final Map<String, String> parents = new LinkedHashMap<>();
        private final Map<String, String> origins = new LinkedHashMap<>();
        private final Map<String, Integer> expansions = new HashMap<>();

        Finder(Network network) {
            this.network = network;
            shapes = Shapes.of(network);
        }

        ChannelGroups find() {
            make(Network.INPUT);
            for (Node node : network.nodes()) {
                visit(node);
            }
            Map<String, Parts> parts = new LinkedHashMap<>();
            parents.keySet().stream().filter(t -> root(t).equals(t)).forEach(t -> parts.put(t, new Parts()));
            for (Node node : network.nodes()) {
                assign(node, parts);
            }
            Map<String, Held> tensors = new LinkedHashMap<>();
            origins.forEach((tensor, origin) ->
                    tensors.put(tensor, new Held(root(origin), 0, expansions.getOrDefault(tensor, 1))));
            List<ChannelGroup> groups = new ArrayList<>();
            parts.forEach((id, part) ->
                    groups.add(part.group(id, Shapes.require(shapes, id).channels(), obstacle(id))));
            return new ChannelGroups(groups, tensors);
        }

        private void visit(Node node) {
            switch (node.layer()) {
                case Layer.Convolution l -> {
                    if (l.groups() != 1) {
                        throw unsupported(node, "a convolution in " + l.groups() + " groups");
                    }
                    make(node.name());
                }
                case Layer.Linear l -> make(node.name());
                case Layer.IndexMap l -> {
                    if (expansion(node.input()) != 1) {
                        throw unsupported(node, "an index map behind a flatten");
                    }
                    make(node.name());
                }
                case Layer.Concat l -> throw unsupported(node, "a concatenation");
                case Layer.Add l -> {
                    String other = node.inputs().get(1);
                    if (expansion(node.input()) != expansion(other)) {
                        throw unsupported(node, "a sum of a flattened tensor and another");
                    }
                    tie(origin(node.input()), origin(other));
                    pass(node, expansion(node.input()));
                }
                case Layer.Flatten l -> {
                    Shape in = Shapes.require(shapes, node.input());
                    pass(node, expansion(node.input()) * in.height() * in.width());
                }
                case Layer.BatchNorm l -> pass(node, expansion(node.input()));
                case Layer.Activation l -> pass(node, expansion(node.input()));
                case Layer.Pooling l -> pass(node, expansion(node.input()));
                case Layer.GlobalAveragePool l -> pass(node, expansion(node.input()));
                case Layer.Shift l -> pass(node, expansion(node.input()));
            }
        }

        private void assign(Node node, Map<String, Parts> parts) {
            Use output = new Use(node.name(), 0, expansion(node.name()));
            Use input = new Use(node.name(), 0, expansion(node.input()));
            Parts made = part(parts, node.name());
            Parts read = part(parts, node.input());
            switch (node.layer()) {
                case Layer.Convolution l -> weighted(made, output, read, input);
                case Layer.Linear l -> weighted(made, output, read, input);
                case Layer.IndexMap l -> {
                    made.writers.add(output);
                    read.readers.add(input);
                }
                default -> made.members.add(output);
            }
        }

        private static void weighted(Parts made, Use output, Parts read, Use input) {
            made.producers.add(output);
            read.consumers.add(input);
        }

        private Parts part(Map<String, Parts> parts, String tensor) {
            return parts.computeIfAbsent(root(origin(tensor)), t -> new Parts());
        }

        private String obstacle(String id) {
            if (id.equals(root(Network.INPUT))) {
                return "the image's planes";
            }
            return id.equals(root(origin(network.output().name()))) ? "the classifier's outputs" : "";
        }

        private void make(String tensor) {
            parents.put(tensor, tensor);
            origins.put(tensor, tensor);
        }

        private void pass(Node node, int expansion) {
            origins.put(node.name(), origin(node.input()));
            expansions.put(node.name(), expansion);
        }

        /** The root is the earlier of the two, because {@code parents} is in the network's order. */
        private void tie(String a, String b) {
            String first = root(a);
            String second = root(b);
            List<String> order = List.copyOf(parents.keySet());
            if (order.indexOf(first) < order.indexOf(second)) {
                parents.put(second, first);
            } else {
                parents.put(first, second);
            }
        }

        private String root(String tensor) {
            String parent = parents.getOrDefault(tensor, tensor);
            return parent.equals(tensor) ? tensor : root(parent);
        }

        private String origin(String tensor) {
            return origins.getOrDefault(tensor, tensor);
        }

        private int expansion(String tensor) {
            return expansions.getOrDefault(tensor, 1);
        }

        private static IllegalArgumentException unsupported(Node node, String what) {
            return new IllegalArgumentException(
                    "node " + node.name() + ": channel groups through " + what + " are not supported");
        }
    }

    private static final class Parts {
        private final List<Use> producers = new ArrayList<>();
        private final List<Use> members = new ArrayList<>();
        private final List<Use> consumers = new ArrayList<>();
        private final List<Use> writers = new ArrayList<>();
        private final List<Use> readers = new ArrayList<>();

        ChannelGroup group(String id, int channels, String obstacle) {
            return new ChannelGroup(
                    id, channels, producers, members, consumers, writers, readers, obstacle.isEmpty(), obstacle);
        }
    }
}
