package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The removal of channels and dead branches.
 *
 * <p>A channel goes from the filters, biases, batch-norm vectors and shifts that make and carry it, from the inputs of
 * those that read it, from depthwise kernels, and from the momentum of all of them; index maps are re-indexed. What a removed channel still
 * emitted in evaluation (see {@link ConstantChannels}) is moved exactly: behind an unpadded layer into the running mean
 * of the batch norm that follows, or into the bias, else into a {@link Layer.Shift}; the output of a dead branch into a
 * shift in place of its addition. A constant of zero leaves nothing. The result computes in evaluation what the masked
 * network computes (PruneTrain, Lym et al. 2019, section 4.2, made exact).
 */
public final class Surgery {
    private Surgery() {}

    /** A network with its numbers. */
    public record Shrunk(Network network, ModelState state) {}

    /**
     * Shrinks a network and its numbers; neither argument is changed or shared.
     *
     * @param kept kept channels by group id, ascending; a group that is not named keeps all; a branch's inner group that
     *     keeps none removes the branch
     * @throws IllegalArgumentException for an unknown group, channels that are not ascending or out of range, a group
     *     that may not shrink, or a group outside branches that would be left without channels
     */
    public static Shrunk shrink(Network network, ModelState state, Map<String, int[]> kept) {
        Parameters.requireFit(network, state);
        Kept checked = new Kept(network, kept);
        ConstantChannels constants = new ConstantChannels(network, state, checked);
        Graft graft = new Graft(new Selection(network, state, checked).state());
        Map<String, Shape> shapes = Shapes.of(network);
        Map<String, String> renamed = new HashMap<>();
        for (Node node : network.nodes()) {
            if (checked.deleted(node.name())) {
                continue;
            }
            double[][] loss = constants.loss(node.name());
            Shape shape = Shapes.require(shapes, node.name());
            if (checked.losesBranch(node.name())) {
                String shortcut = checked.lostBranch(node.name()).shortcut();
                String source = renamed.getOrDefault(shortcut, shortcut);
                renamed.put(node.name(), graft.shift(node.name(), source, shape, loss));
                continue;
            }
            List<String> inputs = rename(node.inputs(), renamed);
            graft.add(new Node(node.name(), shrink(node, shapes, checked), inputs));
            renamed.put(node.name(), graft.restore(node, network.consumers(node.name()), shape, loss));
        }
        Network shrunk = new Network(network.name(), network.input(), network.classes(), graft.mergedNodes());
        ModelState numbers = graft.state();
        Parameters.requireFit(shrunk, numbers);
        return new Shrunk(shrunk, numbers);
    }

    /** The network that {@link #shrink(Network, ModelState, Map)} would give if nothing removed emitted a constant. */
    public static Network shrink(Network network, Map<String, int[]> kept) {
        Kept checked = new Kept(network, kept);
        Map<String, Shape> shapes = Shapes.of(network);
        Map<String, String> renamed = new HashMap<>();
        List<Node> nodes = new ArrayList<>();
        for (Node node : network.nodes()) {
            if (checked.losesBranch(node.name())) {
                String shortcut = checked.lostBranch(node.name()).shortcut();
                renamed.put(node.name(), renamed.getOrDefault(shortcut, shortcut));
            } else if (!checked.deleted(node.name())) {
                nodes.add(new Node(node.name(), shrink(node, shapes, checked), rename(node.inputs(), renamed)));
            }
        }
        Network shrunk = new Network(network.name(), network.input(), network.classes(), nodes);
        Shapes.of(shrunk);
        return shrunk;
    }

    /** The prunable groups' widths, by id. */
    public static Map<String, Integer> widths(Network network) {
        return widths(network, network);
    }

    /**
     * The widths that make a network of this shape from the dense one: those of all the dense one's groups, 0 for a
     * branch that is gone. A group is known by the nodes that hold it, since the one that names it may be gone.
     */
    public static Map<String, Integer> widths(Network dense, Network pruned) {
        ChannelGroups before = ChannelGroups.of(dense);
        ChannelGroups after = ChannelGroups.of(pruned);
        Map<String, Integer> left = new HashMap<>();
        for (String tensor : after.tensors().keySet()) {
            List<ChannelGroup> were = before.tensors().containsKey(tensor) ? before.of(tensor) : List.of();
            List<ChannelGroup> are = after.of(tensor);
            for (int i = 0; i < are.size() && were.size() == are.size(); i++) {
                left.putIfAbsent(were.get(i).id(), are.get(i).channels());
            }
        }
        Map<String, Integer> widths = new LinkedHashMap<>();
        before.prunable().forEach(g -> widths.put(g.id(), left.getOrDefault(g.id(), 0)));
        return widths;
    }

    private static List<String> rename(List<String> inputs, Map<String, String> renamed) {
        return inputs.stream().map(i -> renamed.getOrDefault(i, i)).toList();
    }

    private static Layer shrink(Node node, Map<String, Shape> shapes, Kept kept) {
        return node.layer() instanceof Layer.IndexMap map
                ? indexMap(node, map, kept)
                : node.layer()
                        .resized(
                                Shapes.require(shapes, node.input()).channels(),
                                kept.features(node.input()).length,
                                kept.features(node.name()).length);
    }

    private static Layer indexMap(Node node, Layer.IndexMap l, Kept kept) {
        Map<Integer, Integer> positions = new HashMap<>();
        int[] inputs = kept.features(node.input());
        for (int i = 0; i < inputs.length; i++) {
            positions.put(inputs[i], i);
        }
        List<Integer> sources = new ArrayList<>();
        for (int output : kept.features(node.name())) {
            sources.add(positions.getOrDefault(l.sources().get(output), Layer.IndexMap.ZERO));
        }
        return new Layer.IndexMap(sources, l.stride());
    }
}
