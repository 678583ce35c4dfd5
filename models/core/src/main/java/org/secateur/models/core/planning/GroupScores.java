package org.secateur.models.core.planning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroup.Use;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;

/**
 * How much each channel of each prunable group matters: the L2 norms of the filters that make it and of the slices that
 * read it, added over all members, as a share of the network's total. A channel that no member uses any more is dead
 * and weighs 0 (PruneTrain's channel union, Lym et al. 2019, section 4.2: what is dense on either side stays).
 */
public final class GroupScores {
    /** A group of weights none of which exceeds this is empty (PruneTrain's threshold). */
    public static final float EMPTY = 1e-4f;

    private final Map<String, double[]> shares;

    private GroupScores(Map<String, double[]> shares) {
        this.shares = Collections.unmodifiableMap(shares);
    }

    /** Scores the channels of a network. */
    public static GroupScores of(Network network, ModelState state) {
        Map<String, double[]> scores = new LinkedHashMap<>();
        double total = 0;
        for (ChannelGroup group : ChannelGroups.of(network).prunable()) {
            double[] score = new double[group.channels()];
            for (Use producer : group.producers()) {
                add(score, state.parameter(producer.node() + ".weight"), 0, producer);
            }
            for (Use consumer : group.consumers()) {
                add(score, state.parameter(consumer.node() + ".weight"), 1, consumer);
            }
            scores.put(group.id(), score);
            total += Arrays.stream(score).sum();
        }
        double sum = total > 0 ? total : 1;
        scores.values().forEach(score -> Arrays.setAll(score, c -> score[c] / sum));
        return new GroupScores(scores);
    }

    private static void add(double[] score, HostTensor weight, int axis, Use use) {
        double[] squares = squares(weight, axis);
        for (int c = 0; c < score.length; c++) {
            double sum = 0;
            for (int i = 0; i < use.expansion(); i++) {
                sum += squares[use.offset() + c * use.expansion() + i];
            }
            score[c] += Math.sqrt(sum);
        }
    }

    /** The sum of squares of each slice along axis 0 (outputs) or 1 (inputs). */
    private static double[] squares(HostTensor weight, int axis) {
        double[] sums = new double[weight.shape()[axis]];
        each(weight, axis, (slice, at) -> sums[slice] += (double) weight.data()[at] * weight.data()[at]);
        return sums;
    }

    private interface Visit {
        void accept(int slice, int at);
    }

    private static void each(HostTensor weight, int axis, Visit visit) {
        int outputs = weight.shape()[0];
        int inputs = weight.shape()[1];
        int taps = weight.data().length / (outputs * inputs);
        for (int k = 0; k < outputs; k++) {
            for (int c = 0; c < inputs; c++) {
                for (int t = 0; t < taps; t++) {
                    visit.accept(axis == 0 ? k : c, (k * inputs + c) * taps + t);
                }
            }
        }
    }

    /**
     * The state with every emptied group of weights set to exactly zero: output filters of convolutions and hidden
     * linear layers, and the slices that read an input channel; the image's planes and the classes are no groups.
     */
    public static ModelState zeroEmptied(Network network, ModelState state) {
        Map<String, HostTensor> parameters = new LinkedHashMap<>(state.parameters());
        ChannelGroups groups = ChannelGroups.of(network);
        for (Node node : network.nodes()) {
            if (!(node.layer() instanceof Layer.Convolution) && !(node.layer() instanceof Layer.Linear)) {
                continue;
            }
            String name = node.name() + ".weight";
            HostTensor weight = state.parameter(name).copy();
            if (groups.of(node.name()).prunable()) {
                zero(weight, 0);
            }
            if (groups.of(node.input()).prunable()) {
                zero(weight, 1);
            }
            parameters.put(name, weight);
        }
        return new ModelState(parameters, state.momentum(), state.buffers());
    }

    private static void zero(HostTensor weight, int axis) {
        boolean[] used = new boolean[weight.shape()[axis]];
        each(weight, axis, (slice, at) -> used[slice] |= Math.abs(weight.data()[at]) >= EMPTY);
        each(weight, axis, (slice, at) -> {
            if (!used[slice]) {
                weight.data()[at] = 0;
            }
        });
    }

    /** The share of every channel, by group; all of them sum to 1. */
    public Map<String, double[]> shares() {
        return shares;
    }

    /** The channels of a group. */
    public int channels(String group) {
        return share(group).length;
    }

    /** The live channels of a group. */
    public int alive(String group) {
        return (int) Arrays.stream(share(group)).filter(s -> s > 0).count();
    }

    /** The {@code width} channels that matter most, ascending; of equal ones the first. */
    public int[] best(String group, int width) {
        double[] share = share(group);
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, share.length).boxed().toList());
        order.sort(Comparator.comparingDouble((Integer c) -> -share[c]));
        return order.subList(0, width).stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    /** The share that a group loses when its {@code width} best channels stay. */
    public double removed(String group, int width) {
        double[] ascending = share(group).clone();
        Arrays.sort(ascending);
        return Arrays.stream(ascending, 0, ascending.length - width).sum();
    }

    private double[] share(String group) {
        double[] share = shares.get(group);
        if (share == null) {
            throw new IllegalArgumentException("no prunable group " + group + ": expected one of " + shares.keySet());
        }
        return share;
    }
}
