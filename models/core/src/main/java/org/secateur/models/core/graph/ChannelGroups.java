package org.secateur.models.core.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * All channel groups of a network. An addition ties its summands channel by channel; a convolution in groups ties the
 * channels that stand at the same place in each of them, so that all its groups stay equally wide; a depthwise one
 * passes its channels on. A concatenation ties nothing, and an index map (option A) does not tie its input to its
 * output, so that stages stay independent.
 *
 * @param groups in the network's order, the image's first
 * @param tensors which channels every tensor holds, in the order of its features, by the name of the node that makes it
 */
public record ChannelGroups(List<ChannelGroup> groups, Map<String, List<Held>> tensors) {
    public ChannelGroups {
        groups = List.copyOf(groups);
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /**
     * A run of a tensor's features that holds a whole group.
     *
     * @param offset the first feature; not 0 behind a concatenation, in a convolution of several groups, and where a sum
     *     ties a part of the channels only
     * @param expansion features per channel: the pixels behind a flatten, the multiplier of a depthwise convolution,
     *     else 1
     */
    public record Held(String group, int offset, int expansion) {}

    /** Finds the groups. */
    public static ChannelGroups of(Network network) {
        return new ChannelFinder(network).find();
    }

    /** The group of that id. */
    public ChannelGroup group(String id) {
        return groups.stream()
                .filter(g -> g.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no channel group " + id + ": expected one of "
                        + groups.stream().map(ChannelGroup::id).toList()));
    }

    /** The groups that the output of {@code node} holds, each once. */
    public List<ChannelGroup> of(String node) {
        Set<String> ids = new LinkedHashSet<>();
        held(node).forEach(held -> ids.add(held.group()));
        return ids.stream().map(this::group).toList();
    }

    /** How the output of {@code node}, or the image, holds its groups. */
    public List<Held> held(String node) {
        List<Held> held = tensors.get(node);
        if (held == null) {
            throw new IllegalArgumentException("no tensor " + node + ": expected one of " + tensors.keySet());
        }
        return held;
    }

    /** The features of a tensor when its groups have these widths. */
    public int features(String tensor, ToIntFunction<String> widths) {
        return held(tensor).stream()
                .mapToInt(held -> widths.applyAsInt(held.group()) * held.expansion())
                .sum();
    }

    /** The prunable ones. */
    public List<ChannelGroup> prunable() {
        return groups.stream().filter(ChannelGroup::prunable).toList();
    }
}
