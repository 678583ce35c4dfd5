package org.secateur.profilers.cuda;

import java.util.List;
import java.util.Map;

/**
 * What a step that works on its owner's numbers must know of its layers beside their operations.
 *
 * @param channelMaps for each index map, by its layer, the input channel of each output channel, or -1
 * @param batchNorms for each batch norm, by its layer, its epsilon and momentum
 */
public record LayerNumbers(Map<String, List<Integer>> channelMaps, Map<String, BatchNormRule> batchNorms) {
    /** Nothing is known: for what is measured only. */
    public static final LayerNumbers NONE = new LayerNumbers(Map.of(), Map.of());

    public LayerNumbers {
        channelMaps = Map.copyOf(channelMaps);
        batchNorms = Map.copyOf(batchNorms);
    }

    BatchNormRule batchNorm(String layer) {
        return batchNorms.getOrDefault(layer, BatchNormRule.USUAL);
    }
}
