package org.secateur.models.core.graph;

import java.util.List;
import java.util.stream.Stream;

/**
 * The channels of all layers that live and die together.
 *
 * @param id the name of the first node, in the network's order, that makes these channels (a convolution, a linear
 *     layer or an index map), or {@link Network#INPUT}, with {@code #1}, {@code #2} and so on where sums divide that
 *     node's channels among several groups; the same before and after surgery, because shortcuts stand before their
 *     branches
 * @param producers convolutions and linear layers whose outputs they are; several times the same one for a convolution
 *     in groups
 * @param members nodes that pass them through: batch norm, activation, pooling, flatten, add, shift, concat, depthwise
 *     convolution
 * @param consumers convolutions and linear layers that read them
 * @param writers index maps whose outputs they are
 * @param readers index maps that read them
 * @param prunable whether surgery may remove some
 * @param reason why not; empty where prunable
 */
public record ChannelGroup(
        String id,
        int channels,
        List<Use> producers,
        List<Use> members,
        List<Use> consumers,
        List<Use> writers,
        List<Use> readers,
        boolean prunable,
        String reason) {
    public ChannelGroup {
        producers = List.copyOf(producers);
        members = List.copyOf(members);
        consumers = List.copyOf(consumers);
        writers = List.copyOf(writers);
        readers = List.copyOf(readers);
    }

    /**
     * Where the group's channels stand in a node: in its output for producers, writers and members, in its input for
     * consumers and readers. Channel c is there the features {@code offset + c * expansion} and the
     * {@code expansion - 1} after it; see {@link ChannelGroups.Held}.
     *
     * @param offset the first of them
     * @param expansion features per channel
     */
    public record Use(String node, int offset, int expansion) {
        /** The features of the channels {@code kept}, in that order. */
        public int[] features(int[] kept) {
            int[] features = new int[kept.length * expansion];
            for (int i = 0; i < features.length; i++) {
                features[i] = offset + kept[i / expansion] * expansion + i % expansion;
            }
            return features;
        }
    }

    /** The names of all nodes that hold these channels: producers, writers and members. */
    public List<String> nodes() {
        return Stream.of(producers, writers, members)
                .flatMap(List::stream)
                .map(Use::node)
                .distinct()
                .toList();
    }

    /** All uses, readers included. */
    public List<Use> uses() {
        return Stream.of(producers, writers, members, consumers, readers)
                .flatMap(List::stream)
                .toList();
    }
}
