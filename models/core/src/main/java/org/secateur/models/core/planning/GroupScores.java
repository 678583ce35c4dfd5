package org.secateur.models.core.planning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.secateur.models.core.graph.Branch;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroup.Use;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.models.core.pruning.ChannelSlices;
import org.secateur.models.core.pruning.Criterion;
import org.secateur.models.core.pruning.GroupLassoRule;
import org.secateur.models.core.pruning.PruneTrainRule;
import org.secateur.models.core.pruning.Saliency;
import org.secateur.models.core.pruning.WidthProblem;

/**
 * The pruning rules' plain arrays, taken from a network's channel groups and numbers: what each channel of each prunable
 * group weighs, and which are dead.
 */
public final class GroupScores {
    private final List<ChannelGroup> groups;
    private final Saliency saliency;
    /** The branches by each of their inner groups. */
    private final Map<String, Weighed> branches;

    /**
     * A branch.
     *
     * @param groups places of its inner groups
     * @param outside the share of the network's saliency that its first and last layers hold in groups outside it
     */
    private record Weighed(List<Integer> groups, double outside) {}

    private GroupScores(List<ChannelGroup> groups, Saliency saliency, Map<String, Weighed> branches) {
        this.groups = groups;
        this.saliency = saliency;
        this.branches = branches;
    }

    /** Scores the prunable groups by a criterion; a channel that is empty in every member is dead. */
    public static GroupScores of(Network network, ModelState state, Criterion criterion) {
        List<double[]> scores = new ArrayList<>();
        List<boolean[]> dead = new ArrayList<>();
        Members members = Members.of(network, state);
        members.byGroup().forEach((group, slices) -> {
            scores.add(criterion.scores(scores.size(), slices));
            boolean[] gone = PruneTrainRule.keep(slices);
            for (int c = 0; c < gone.length; c++) {
                gone[c] = !gone[c];
            }
            dead.add(gone);
        });
        double total = 0;
        for (int g = 0; g < scores.size(); g++) {
            for (int c = 0; c < scores.get(g).length; c++) {
                total += dead.get(g)[c] ? 0 : scores.get(g)[c];
            }
        }
        List<ChannelGroup> groups = List.copyOf(members.byGroup().keySet());
        List<String> ids = groups.stream().map(ChannelGroup::id).toList();
        Map<String, Weighed> branches = new HashMap<>();
        for (Branch branch : Branch.of(network, ChannelGroups.of(network))) {
            double outside = total == 0 ? 0 : members.outside(branch, criterion) / total;
            List<Integer> places = branch.groups().stream()
                    .map(ids::indexOf)
                    .filter(place -> place >= 0)
                    .toList();
            branch.groups().forEach(group -> branches.put(group, new Weighed(places, outside)));
        }
        return new GroupScores(groups, new Saliency(scores, dead), branches);
    }

    /** The state with every emptied group of weights set to exactly zero; the argument is not changed. */
    public static ModelState zeroEmptied(Network network, ModelState state) {
        Map<String, HostTensor> parameters = new LinkedHashMap<>();
        state.parameters().forEach((name, tensor) -> parameters.put(name, tensor.copy()));
        ModelState copy = new ModelState(parameters, state.momentum(), state.buffers());
        Members.of(network, copy).byGroup().values().forEach(slices -> slices.forEach(PruneTrainRule::zero));
        return copy;
    }

    /** The median L2 norm of all input- and output-channel groups of weights. */
    public static double medianNorm(Network network, ModelState state) {
        return GroupLassoRule.medianNorm(Members.of(network, state).byGroup().values().stream()
                .flatMap(List::stream)
                .toList());
    }

    /**
     * The prunable groups that hold weights, in the network's order. Between two index maps whose stage has lost every
     * branch there is a group without any, which keeps its channels.
     */
    public List<String> ids() {
        return groups.stream().map(ChannelGroup::id).toList();
    }

    /** The channels of a group. */
    public int channels(String group) {
        return groups.get(place(group)).channels();
    }

    /** The live channels of a group. */
    public int alive(String group) {
        return saliency.live(place(group));
    }

    /** The {@code width} channels that matter most, ascending. */
    public List<Integer> best(String group, int width) {
        return saliency.kept(place(group), width);
    }

    /**
     * The share of the network's saliency that goes when a group's {@code width} best channels stay. Width 0 of a group
     * inside a branch removes the branch: all that its layers weigh, in its inner groups and in those outside; nothing
     * where one of the inner groups is empty already, since the branch then adds only a constant.
     */
    public double removed(String group, int width) {
        Weighed branch = branches.get(group);
        if (width > 0 || branch == null) {
            return saliency.removed(place(group), width);
        }
        boolean dead = branch.groups().stream().anyMatch(place -> saliency.live(place) == 0);
        return dead
                ? 0
                : branch.outside()
                        + branch.groups().stream()
                                .mapToDouble(place -> saliency.removed(place, 0))
                                .sum();
    }

    /** A group of a width problem with the given candidates, ascending, the last of which is the width at hand. */
    public WidthProblem.Group candidates(String group, int[] widths) {
        return new WidthProblem.Group(
                group,
                widths,
                Arrays.stream(widths)
                        .mapToDouble(width -> removed(group, width))
                        .toArray());
    }

    private int place(String group) {
        int place = ids().indexOf(group);
        if (place < 0) {
            throw new IllegalArgumentException("no prunable group " + group + ": expected one of " + ids());
        }
        return place;
    }

    /** The weights of each prunable group: filters that make its channels and slices that read them. */
    private record Members(Map<ChannelGroup, List<ChannelSlices>> byGroup) {
        static Members of(Network network, ModelState state) {
            Map<String, Shape> shapes = Shapes.of(network);
            Map<String, Node> nodes = new HashMap<>();
            network.nodes().forEach(node -> nodes.put(node.name(), node));
            Map<ChannelGroup, List<ChannelSlices>> members = new LinkedHashMap<>();
            for (ChannelGroup group : ChannelGroups.of(network).prunable()) {
                List<ChannelSlices> slices = new ArrayList<>();
                for (Use producer : group.producers()) {
                    String name = producer.node() + ".weight";
                    HostTensor weight = state.parameter(name);
                    slices.add(ChannelSlices.producer(
                            name, weight.data(), weight.shape()[0], producer.offset(), group.channels()));
                }
                for (Use consumer : group.consumers()) {
                    String name = consumer.node() + ".weight";
                    HostTensor weight = state.parameter(name);
                    Node node = Objects.requireNonNull(nodes.get(consumer.node()));
                    slices.add(ChannelSlices.consumer(
                            name,
                            weight.data(),
                            weight.shape()[0],
                            Shapes.require(shapes, node.input()).channels(),
                            node.layer() instanceof Layer.Convolution l ? l.groups() : 1,
                            consumer.offset(),
                            group.channels(),
                            consumer.expansion()));
                }
                if (!slices.isEmpty()) {
                    members.put(group, slices);
                }
            }
            return new Members(members);
        }

        /** The scores of a branch's weights in groups that are not its own: what its first layers read and its last make. */
        double outside(Branch branch, Criterion criterion) {
            double sum = 0;
            for (Map.Entry<ChannelGroup, List<ChannelSlices>> group : byGroup.entrySet()) {
                for (ChannelSlices slices : group.getValue()) {
                    String node = slices.name().replaceFirst("\\.weight$", "");
                    if (branch.nodes().contains(node)
                            && !branch.groups().contains(group.getKey().id())) {
                        sum += Arrays.stream(criterion.scores(0, List.of(slices)))
                                .sum();
                    }
                }
            }
            return sum;
        }
    }
}
