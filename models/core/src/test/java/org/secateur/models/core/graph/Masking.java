package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.ChannelGroup.Use;
import org.secateur.models.core.graph.ChannelGroups.Held;

/**
 * The masked network, which keeps its shape: a removed channel whose filter is not zero has gamma and beta zero in the
 * batch norm behind it, or a zero filter and bias where none is; a channel whose filter is zero is left alone. A removed
 * channel of an index map whose source stays reads zero.
 */
record Masking(Network network, ModelState state) {

    static Masking of(Network network, ModelState state, Map<String, int[]> kept) {
        Map<String, HostTensor> parameters = new HashMap<>();
        state.parameters().forEach((name, tensor) -> parameters.put(name, tensor.copy()));
        ModelState masked = new ModelState(parameters, state.momentum(), state.buffers());
        ChannelGroups groups = ChannelGroups.of(network);
        kept.forEach((id, channels) -> {
            ChannelGroup group = groups.group(id);
            for (int c = 0; c < group.channels(); c++) {
                if (!contains(channels, c)) {
                    for (Use producer : group.producers()) {
                        mask(network, masked, producer.node(), producer.features(new int[] {c})[0]);
                    }
                }
            }
        });
        List<Node> nodes = new ArrayList<>();
        for (Node node : network.nodes()) {
            Layer layer = node.layer() instanceof Layer.IndexMap map
                    ? indexMap(map, stays(groups, node.input(), kept), stays(groups, node.name(), kept))
                    : node.layer();
            nodes.add(new Node(node.name(), layer, node.inputs()));
        }
        return new Masking(new Network(network.name(), network.input(), network.classes(), nodes), masked);
    }

    private static void mask(Network network, ModelState state, String producer, int channel) {
        HostTensor weight = state.parameter(producer + ".weight");
        if (isZero(weight, channel)) {
            return;
        }
        List<Node> readers = network.consumers(producer);
        while (readers.size() == 1 && readers.get(0).layer() instanceof Layer.Shift) {
            readers = network.consumers(readers.get(0).name());
        }
        if (readers.size() == 1 && readers.get(0).layer() instanceof Layer.BatchNorm) {
            zero(state.parameter(readers.get(0).name() + ".weight"), channel);
            zero(state.parameter(readers.get(0).name() + ".bias"), channel);
        } else {
            zero(weight, channel);
            if (state.parameters().containsKey(producer + ".bias")) {
                zero(state.parameter(producer + ".bias"), channel);
            }
        }
    }

    private static Layer indexMap(Layer.IndexMap map, List<Boolean> from, List<Boolean> to) {
        List<Integer> sources = new ArrayList<>();
        for (int j = 0; j < map.sources().size(); j++) {
            int source = map.sources().get(j);
            boolean masked = !to.get(j) && source != Layer.IndexMap.ZERO && from.get(source);
            sources.add(masked ? Layer.IndexMap.ZERO : source);
        }
        return new Layer.IndexMap(sources, map.stride());
    }

    /** For each feature of a tensor whether it stays. */
    private static List<Boolean> stays(ChannelGroups groups, String tensor, Map<String, int[]> kept) {
        List<Boolean> stays = new ArrayList<>();
        for (Held held : groups.held(tensor)) {
            int channels = groups.group(held.group()).channels();
            int[] all =
                    kept.getOrDefault(held.group(), IntStream.range(0, channels).toArray());
            for (int i = 0; i < channels * held.expansion(); i++) {
                stays.add(contains(all, i / held.expansion()));
            }
        }
        return stays;
    }

    static boolean isZero(HostTensor tensor, int slice) {
        int size = tensor.data().length / tensor.shape()[0];
        for (int i = 0; i < size; i++) {
            if (tensor.data()[slice * size + i] != 0) {
                return false;
            }
        }
        return true;
    }

    static void zero(HostTensor tensor, int slice) {
        int size = tensor.data().length / tensor.shape()[0];
        Arrays.fill(tensor.data(), slice * size, (slice + 1) * size, 0);
    }

    static boolean contains(int[] channels, int channel) {
        Set<Integer> set = Arrays.stream(channels).boxed().collect(Collectors.toSet());
        return set.contains(channel);
    }
}
