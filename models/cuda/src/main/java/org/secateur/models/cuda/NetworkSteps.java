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
import org.secateur.profilers.cuda.BatchNormRule;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.cuda.CudaStep;
import org.secateur.profilers.cuda.GroupLasso;
import org.secateur.profilers.cuda.GroupLasso.Piece;
import org.secateur.profilers.cuda.LayerNumbers;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/** A network's steps on a GPU, in FP32 and NCHW, the layout of its numbers on the host. */
final class NetworkSteps {
    private NetworkSteps() {}

    /**
     * Refuses what operations on a GPU cannot tell.
     *
     * @throws IllegalArgumentException for a pad with another value than 0
     */
    static void requireSupported(Network network) {
        for (Node node : network.nodes()) {
            if (node.layer() instanceof Layer.Pad pad && pad.value() != 0) {
                throw new IllegalArgumentException("network " + network.name() + ", pad " + node.name() + " with "
                        + pad.value() + ": the cudnn engine pads with zeros only");
            }
        }
    }

    /** A training step, with the group lasso. */
    static CudaStep training(CudaDevice device, Network network, int batch) {
        return device.open(
                Lowering.training(network, batch, DataType.F32, Layout.NCHW), numbers(network), lasso(network));
    }

    /** An inference. */
    static CudaStep inference(CudaDevice device, Network network, int batch) {
        return device.open(
                Lowering.inference(network, batch, DataType.F32, Layout.NCHW), numbers(network), GroupLasso.NONE);
    }

    /** The buffer of an inference that holds the logits: a flatten hands its input on. */
    static String logits(Network network) {
        Node node = network.output();
        while (node.layer() instanceof Layer.Flatten) {
            node = network.node(node.input()).orElseThrow();
        }
        return node.name();
    }

    private static LayerNumbers numbers(Network network) {
        Map<String, List<Integer>> maps = new LinkedHashMap<>();
        Map<String, BatchNormRule> norms = new LinkedHashMap<>();
        for (Node node : network.nodes()) {
            if (node.layer() instanceof Layer.IndexMap map) {
                maps.put(node.name(), map.sources());
            } else if (node.layer() instanceof Layer.BatchNorm norm) {
                norms.put(node.name(), new BatchNormRule(norm.epsilon(), norm.momentum()));
            }
        }
        return new LayerNumbers(maps, norms);
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
