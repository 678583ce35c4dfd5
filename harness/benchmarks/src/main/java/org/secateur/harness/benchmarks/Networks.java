package org.secateur.harness.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.zoo.Zoo;

/** Networks of the zoo, whole and narrowed. */
final class Networks {
    private Networks() {}

    /** A network with the first part of every prunable group's channels; 1 leaves it as it is. */
    static Network narrowed(String name, double fraction) {
        Network network = Zoo.network(name);
        return fraction == 1 ? network : Surgery.shrink(network, kept(network, fraction));
    }

    /** The first channels of every prunable group, at least one. */
    static Map<String, int[]> kept(Network network, double fraction) {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction " + fraction + ": expected above 0, up to 1");
        }
        Map<String, int[]> kept = new LinkedHashMap<>();
        for (ChannelGroup group : ChannelGroups.of(network).prunable()) {
            int width = (int) Math.max(1, Math.round(fraction * group.channels()));
            kept.put(group.id(), IntStream.range(0, width).toArray());
        }
        return kept;
    }
}
