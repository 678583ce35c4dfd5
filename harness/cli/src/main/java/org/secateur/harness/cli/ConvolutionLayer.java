package org.secateur.harness.cli;

import java.util.List;
import java.util.Map;
import org.secateur.harness.loop.ArmResult;
import org.secateur.harness.loop.RunResult;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Network;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;

/**
 * A convolution of a run's dense network, and what pruning left of its outputs.
 *
 * @param forward as a training step of the dense network launches it
 * @param dense output channels
 * @param pruned output channels of the same layer in the pruned network, 0 where it is gone; {@code dense} where nothing
 *     was pruned
 */
record ConvolutionLayer(String name, Workload forward, int dense, int pruned) {

    /** In the order of the network. */
    static List<ConvolutionLayer> of(RunResult result, Arithmetic arithmetic) {
        Network network = result.settings().network();
        ChannelGroups groups = ChannelGroups.of(network);
        Map<String, Integer> widths = result.pruned().map(ArmResult::widths).orElse(Map.of());
        return arithmetic.training(network, result.settings().training().batch()).instructions().stream()
                .filter(i -> i.workload().pass() == Pass.FORWARD)
                .filter(i -> i.workload().operation() instanceof Convolution)
                .map(i -> new ConvolutionLayer(
                        i.layer(),
                        i.workload(),
                        ((Convolution) i.workload().operation()).k(),
                        groups.features(i.layer(), id -> width(groups.group(id), widths))))
                .toList();
    }

    private static int width(ChannelGroup group, Map<String, Integer> widths) {
        return widths.getOrDefault(group.id(), group.channels());
    }
}
