package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.ChannelGroup.Use;
import org.secateur.models.core.graph.ChannelGroups.Held;

/**
 * Finds channel groups by a union-find over single channels. Every node that makes channels (the image, a convolution
 * that is not depthwise, a linear layer, an index map) owns a run of numbers; channels that are tied share a root, the
 * earliest. A group is a run of roots whose members are neighbours wherever they stand.
 */
final class ChannelFinder {
    /** The channels of one maker in a tensor, each of which is there {@code expansion} neighbouring features. */
    private record Part(String maker, int expansion) {}

    /** Single channels in the order of a tensor's features. */
    private record Channel(int number, int expansion) {}

    /** A run of a maker's channels that is a whole group. */
    private record Run(String group, int length) {}

    private final Network network;
    private final Map<String, Shape> shapes;
    private final Map<String, List<Part>> tensors = new LinkedHashMap<>();
    /** The first channel number of each maker, and where its numbers end. */
    private final Map<String, int[]> numbers = new LinkedHashMap<>();
    /** Why a maker's channels must stay. */
    private final Map<String, String> pinned = new LinkedHashMap<>();
    /** By channel number a channel that it is tied to, and the number of its maker's first channel. */
    private int[] parents = {};

    private int[] makers = {};

    ChannelFinder(Network network) {
        this.network = network;
        shapes = Shapes.of(network);
    }

    ChannelGroups find() {
        make(Network.INPUT);
        pin(Network.INPUT, "the image's planes");
        network.nodes().forEach(this::visit);
        pin(network.output().name(), "the classifier's outputs");
        Map<String, List<Run>> runs = runs();
        Map<String, List<Held>> held = new LinkedHashMap<>();
        tensors.forEach((tensor, parts) -> held.put(tensor, held(parts, runs)));
        Map<String, Integer> widths = new LinkedHashMap<>();
        Map<String, String> reasons = new LinkedHashMap<>();
        runs.forEach((maker, all) -> all.forEach(run -> {
            widths.putIfAbsent(run.group(), run.length());
            String reason = pinned.get(maker);
            if (reason != null) {
                reasons.putIfAbsent(run.group(), reason);
            }
        }));
        Map<String, Uses> uses = new LinkedHashMap<>();
        widths.keySet().forEach(group -> uses.put(group, new Uses()));
        network.nodes().forEach(node -> assign(node, held, uses));
        List<ChannelGroup> groups = new ArrayList<>();
        uses.forEach((id, use) -> groups.add(use.group(id, widths.getOrDefault(id, 0), reasons.getOrDefault(id, ""))));
        return new ChannelGroups(groups, held);
    }

    private void visit(Node node) {
        List<Part> in = parts(node.input());
        switch (node.layer()) {
            case Layer.Convolution l -> convolution(node, l, in);
            case Layer.Linear l -> make(node.name());
            case Layer.IndexMap l -> make(node.name());
            case Layer.Concat l ->
                tensors.put(
                        node.name(),
                        node.inputs().stream().flatMap(i -> parts(i).stream()).toList());
            case Layer.Add l -> {
                if (!tie(channels(in), channels(parts(node.inputs().get(1))))) {
                    node.inputs().forEach(i -> pin(i, "a sum of tensors whose channels do not match"));
                }
                tensors.put(node.name(), in);
            }
            case Layer.Flatten l -> {
                Shape shape = Shapes.require(shapes, node.input());
                tensors.put(node.name(), expanded(in, shape.height() * shape.width()));
            }
            case Layer.BatchNorm l -> tensors.put(node.name(), in);
            case Layer.Activation l -> tensors.put(node.name(), in);
            case Layer.Pooling l -> tensors.put(node.name(), in);
            case Layer.Pad l -> tensors.put(node.name(), in);
            case Layer.GlobalAveragePool l -> tensors.put(node.name(), in);
            case Layer.Shift l -> tensors.put(node.name(), in);
        }
    }

    private void convolution(Node node, Layer.Convolution l, List<Part> in) {
        int inputs = Shapes.require(shapes, node.input()).channels();
        if (l.depthwise(inputs)) {
            tensors.put(node.name(), expanded(in, l.outputs() / inputs));
            return;
        }
        make(node.name());
        if (l.groups() > 1) {
            if (!tieParts(channels(in), inputs / l.groups())) {
                pin(node.input(), "a convolution whose groups cut its channels");
            }
            tieParts(channels(parts(node.name())), l.outputs() / l.groups());
        }
    }

    private void make(String maker) {
        int first = parents.length;
        int last = first + Shapes.require(shapes, maker).channels();
        parents = Arrays.copyOf(parents, last);
        makers = Arrays.copyOf(makers, last);
        for (int i = first; i < last; i++) {
            parents[i] = i;
            makers[i] = first;
        }
        numbers.put(maker, new int[] {first, last});
        tensors.put(maker, List.of(new Part(maker, 1)));
    }

    private void pin(String tensor, String reason) {
        parts(tensor).forEach(part -> pinned.putIfAbsent(part.maker(), reason));
    }

    private List<Part> parts(String tensor) {
        List<Part> parts = tensors.get(tensor);
        if (parts == null) {
            throw new IllegalStateException("tensor " + tensor + " is read before it is made");
        }
        return parts;
    }

    private static List<Part> expanded(List<Part> parts, int factor) {
        return parts.stream()
                .map(p -> new Part(p.maker(), p.expansion() * factor))
                .toList();
    }

    private List<Channel> channels(List<Part> parts) {
        List<Channel> channels = new ArrayList<>();
        for (Part part : parts) {
            int[] bounds = bounds(part.maker());
            for (int i = bounds[0]; i < bounds[1]; i++) {
                channels.add(new Channel(i, part.expansion()));
            }
        }
        return channels;
    }

    private int[] bounds(String maker) {
        int[] bounds = numbers.get(maker);
        if (bounds == null) {
            throw new IllegalStateException("no maker " + maker);
        }
        return bounds;
    }

    /** Ties channels at the same place; false, and nothing done, where they do not stand for the same features. */
    private boolean tie(List<Channel> a, List<Channel> b) {
        boolean alike = a.size() == b.size();
        for (int i = 0; alike && i < a.size(); i++) {
            alike = a.get(i).expansion() == b.get(i).expansion();
        }
        for (int i = 0; alike && i < a.size(); i++) {
            int first = root(a.get(i).number());
            int second = root(b.get(i).number());
            parents[Math.max(first, second)] = Math.min(first, second);
        }
        return alike;
    }

    /** Ties the parts of so many features each to the first of them; false where one cannot be cut or tied so. */
    private boolean tieParts(List<Channel> channels, int features) {
        List<List<Channel>> parts = new ArrayList<>();
        List<Channel> part = new ArrayList<>();
        int size = 0;
        for (Channel channel : channels) {
            part.add(channel);
            size += channel.expansion();
            if (size == features) {
                parts.add(part);
                part = new ArrayList<>();
                size = 0;
            }
        }
        return part.isEmpty() && parts.stream().allMatch(p -> tie(parts.get(0), p));
    }

    private int root(int channel) {
        int root = channel;
        while (parents[root] != root) {
            root = parents[root];
        }
        parents[channel] = root;
        return root;
    }

    /** By maker the groups that its channels are, in order. */
    private Map<String, List<Run>> runs() {
        List<List<Integer>> classes = new ArrayList<>();
        for (int i = 0; i < parents.length; i++) {
            classes.add(new ArrayList<>());
            classes.get(root(i)).add(i);
        }
        Map<Integer, String> names = new LinkedHashMap<>();
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        numbers.forEach((maker, bounds) -> {
            List<Run> own = new ArrayList<>();
            int start = bounds[0];
            for (int i = start + 1; i <= bounds[1]; i++) {
                if (i == bounds[1] || !follow(classes.get(root(i - 1)), classes.get(root(i)))) {
                    String name = own.isEmpty() ? maker : maker + "#" + own.size();
                    own.add(new Run(names.computeIfAbsent(root(start), r -> name), i - start));
                    start = i;
                }
            }
            runs.put(maker, own);
        });
        return runs;
    }

    /** Whether each member of the one class is followed by a member of the other, of the same maker. */
    private boolean follow(List<Integer> before, List<Integer> after) {
        boolean follow = before.size() == after.size();
        for (int i = 0; follow && i < before.size(); i++) {
            follow = after.get(i) == before.get(i) + 1 && makers[after.get(i)] == makers[before.get(i)];
        }
        return follow;
    }

    private static List<Held> held(List<Part> parts, Map<String, List<Run>> runs) {
        List<Held> held = new ArrayList<>();
        int offset = 0;
        for (Part part : parts) {
            for (Run run : runs.getOrDefault(part.maker(), List.of())) {
                held.add(new Held(run.group(), offset, part.expansion()));
                offset += run.length() * part.expansion();
            }
        }
        return held;
    }

    private void assign(Node node, Map<String, List<Held>> held, Map<String, Uses> uses) {
        List<Held> read = held.getOrDefault(node.input(), List.of());
        List<Held> made = held.getOrDefault(node.name(), List.of());
        switch (node.layer()) {
            case Layer.Convolution l -> {
                if (l.depthwise(Shapes.require(shapes, node.input()).channels())) {
                    made.forEach(h -> of(uses, h).members.add(use(node, h)));
                } else {
                    made.forEach(h -> of(uses, h).producers.add(use(node, h)));
                    read.forEach(h -> of(uses, h).consumers.add(use(node, h)));
                }
            }
            case Layer.Linear l -> {
                made.forEach(h -> of(uses, h).producers.add(use(node, h)));
                read.forEach(h -> of(uses, h).consumers.add(use(node, h)));
            }
            case Layer.IndexMap l -> {
                made.forEach(h -> of(uses, h).writers.add(use(node, h)));
                read.forEach(h -> of(uses, h).readers.add(use(node, h)));
            }
            default -> made.forEach(h -> of(uses, h).members.add(use(node, h)));
        }
    }

    private static Uses of(Map<String, Uses> uses, Held held) {
        return uses.computeIfAbsent(held.group(), g -> new Uses());
    }

    private static Use use(Node node, Held held) {
        return new Use(node.name(), held.offset(), held.expansion());
    }

    private static final class Uses {
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
