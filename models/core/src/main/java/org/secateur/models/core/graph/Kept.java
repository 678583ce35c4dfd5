package org.secateur.models.core.graph;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.ChannelGroup.Use;

/** A checked choice of channels, and the branches that die by it. */
final class Kept {
    private final ChannelGroups groups;
    private final Map<String, int[]> kept = new HashMap<>();
    private final Map<String, Branch> deletedAtAdd = new HashMap<>();
    private final Set<String> deletedNodes = new HashSet<>();

    /**
     * Checks the choice.
     *
     * @param choice kept channels by group, ascending; a group that is not named keeps all
     */
    Kept(Network network, Map<String, int[]> choice) {
        groups = ChannelGroups.of(network);
        choice.keySet().forEach(groups::group);
        List<Branch> branches = Branch.of(network, groups);
        for (ChannelGroup group : groups.groups()) {
            int[] all = IntStream.range(0, group.channels()).toArray();
            int[] channels = choice.getOrDefault(group.id(), all).clone();
            require(group, channels, branches.stream().anyMatch(b -> b.groups().contains(group.id())));
            kept.put(group.id(), channels);
        }
        for (Branch branch : branches) {
            if (branch.groups().stream().anyMatch(id -> kept(id).length == 0)) {
                deletedNodes.addAll(branch.nodes());
                if (deletedAtAdd.put(branch.add(), branch) != null) {
                    throw new IllegalArgumentException(
                            "both branches of node " + branch.add() + " would be removed: one must stay");
                }
            }
        }
        deletedNodes.forEach(deletedAtAdd::remove);
    }

    private static void require(ChannelGroup group, int[] channels, boolean mayBeEmpty) {
        if (!group.prunable() && channels.length != group.channels()) {
            throw new IllegalArgumentException("group " + group.id() + " holds " + group.reason() + ": all "
                    + group.channels() + " channels must stay, not " + channels.length);
        }
        if (channels.length == 0 && !mayBeEmpty) {
            throw new IllegalArgumentException(
                    "group " + group.id() + " would be left without channels: only a branch's inner group may be");
        }
        for (int i = 0; i < channels.length; i++) {
            int least = i == 0 ? 0 : channels[i - 1] + 1;
            if (channels[i] < least || channels[i] >= group.channels()) {
                throw new IllegalArgumentException("group " + group.id() + " keeps " + Arrays.toString(channels)
                        + ": expected ascending channels of 0.." + (group.channels() - 1));
            }
        }
    }

    /** The kept channels of a group. */
    int[] kept(String group) {
        int[] channels = kept.get(group);
        if (channels == null) {
            throw new IllegalStateException("group " + group + " was not checked");
        }
        return channels;
    }

    /** The kept features of a tensor, ascending; behind a flatten its pixels. */
    int[] features(String tensor) {
        return groups.held(tensor).stream()
                .map(h -> new Use(tensor, h.offset(), h.expansion()).features(kept(h.group())))
                .flatMapToInt(Arrays::stream)
                .toArray();
    }

    /** For each of a tensor's features whether it stays. */
    boolean[] stays(String tensor, int features) {
        boolean[] stays = new boolean[features];
        for (int feature : features(tensor)) {
            stays[feature] = true;
        }
        return stays;
    }

    /** Whether the node belongs to a dead branch. */
    boolean deleted(String node) {
        return deletedNodes.contains(node);
    }

    /** Whether the node is an addition that loses its branch. */
    boolean losesBranch(String add) {
        return deletedAtAdd.containsKey(add);
    }

    /** The branch that an addition loses. */
    Branch lostBranch(String add) {
        Branch branch = deletedAtAdd.get(add);
        if (branch == null) {
            throw new IllegalArgumentException("node " + add + " loses no branch");
        }
        return branch;
    }
}
