package org.secateur.models.onnx;

import org.secateur.results.core.Extent;

/** What a name of the file's graph stands for. */
sealed interface Value {
    /** A constant. */
    record Constant(OnnxTensor tensor) implements Value {}

    /**
     * What a layer gives.
     *
     * @param node the layer's node, or the image
     * @param flat whether it is {@code [batch, features]}, else {@code [batch, channels, height, width]}
     * @param padding zeros that stand on each side of it, for a convolution or an average to take
     * @param last whether a softmax was taken of it, so that nothing else may read it
     */
    record Activations(String node, boolean flat, Extent padding, boolean last) implements Value {
        /** The output of a layer. */
        Activations(String node, boolean flat) {
            this(node, flat, Extent.of(0), false);
        }

        /** Whether zeros stand around it. */
        boolean padded() {
            return padding.height() > 0 || padding.width() > 0;
        }
    }
}
