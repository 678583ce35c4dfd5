package org.secateur.profilers.cuda;

import jcuda.jcudnn.cudnnMathType;
import org.secateur.results.core.Variant;

/**
 * An algorithm of cuDNN for one convolution.
 *
 * @param number cuDNN's own, among those of the pass
 * @param name of the pass and of the algorithm
 * @param mathType a {@code cudnnMathType}
 * @param workspaceBytes what it needs
 * @param deterministic whether it gives the same bits for the same input
 */
record ConvolutionAlgorithm(int number, String name, int mathType, long workspaceBytes, boolean deterministic) {
    Variant variant() {
        String math = cudnnMathType.stringFor(mathType).replace("CUDNN_", "");
        return new Variant(name + " " + math, workspaceBytes, deterministic);
    }
}
