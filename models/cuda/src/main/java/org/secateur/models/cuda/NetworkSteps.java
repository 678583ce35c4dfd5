package org.secateur.models.cuda;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.models.core.pruning.GroupLassoRule;
import org.secateur.models.core.training.RegularisedWeight;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.cuda.CudaStep;
import org.secateur.profilers.cuda.GroupLasso;
import org.secateur.profilers.cuda.GroupLasso.Piece;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/** A network's steps on a GPU, in FP32 and NCHW, the layout of its numbers on the host. */
final class NetworkSteps {
    private NetworkSteps() {}

    /**
     * Refuses what operations on a GPU cannot tell.
     *
     * @throws IllegalArgumentException for a batch norm with another epsilon or momentum than PyTorch's defaults, and for a
     *     pad with another value than 0
     */
    static void requireSupported(Network network) {
        for (Node node : network.nodes()) {
            if (node.layer() instanceof Layer.BatchNorm norm
                    && (norm.epsilon() != CudaStep.BATCH_NORM_EPSILON
                            || norm.momentum() != CudaStep.BATCH_NORM_MOMENTUM)) {
                throw new IllegalArgumentException("network " + network.name() + ", batch norm " + node.name()
                        + " with epsilon " + norm.epsilon() + " and momentum " + norm.momentum()
                        + ": the cudnn engine has " + CudaStep.BATCH_NORM_EPSILON + " and "
                        + CudaStep.BATCH_NORM_MOMENTUM + " only");
            }
            if (node.layer() instanceof Layer.Pad pad && pad.value() != 0) {
                throw new IllegalArgumentException("network " + network.name() + ", pad " + node.name() + " with "
                        + pad.value() + ": the cudnn engine pads with zeros only");
            }
        }
    }

    /** A training step, with the group lasso. */
    static CudaStep training(CudaDevice device, Network network, int batch) {
        return device.open(
                Lowering.training(network, batch, DataType.F32, Layout.NCHW), channelMaps(network), lasso(network));
    }

    /** An inference. */
    static CudaStep inference(CudaDevice device, Network network, int batch) {
        return device.open(
                Lowering.inference(network, batch, DataType.F32, Layout.NCHW), channelMaps(network), GroupLasso.NONE);
    }

    /** The buffer of an inference that holds the logits: a flatten hands its input on. */
    static String logits(Network network) {
        Node node = network.output();
        while (node.layer() instanceof Layer.Flatten) {
            node = network.node(node.input()).orElseThrow();
        }
        return node.name();
    }

    private static Map<String, List<Integer>> channelMaps(Network network) {
        Map<String, List<Integer>> maps = new LinkedHashMap<>();
        for (Node node : network.nodes()) {
            if (node.layer() instanceof Layer.IndexMap map) {
                maps.put(node.name(), map.sources());
            }
        }
        return maps;
    }

    private static GroupLasso lasso(Network network) {
        List<Piece> pieces = new ArrayList<>();
        RegularisedWeight.of(network).forEach(weight -> add(pieces, weight));
        return new GroupLasso(pieces, GroupLassoRule.SMOOTHING);
    }

    private static void add(List<Piece> pieces, RegularisedWeight weight) {
        int channels = weight.channels() / weight.groups();
        int outputs = weight.outputs() / weight.groups();
        int filter = channels * weight.width();
        if (weight.byOutput()) {
            pieces.add(new Piece(weight.name(), 0, 1, weight.outputs(), filter));
        }
        if (weight.byInput()) {
            for (int g = 0; g < weight.groups(); g++) {
                pieces.add(new Piece(weight.name(), g * outputs * filter, outputs, channels, weight.width()));
            }
        }
    }
}
