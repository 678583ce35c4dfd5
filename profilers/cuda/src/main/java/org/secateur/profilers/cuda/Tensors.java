package org.secateur.profilers.cuda;

import org.secateur.results.core.Layout;

/** Tensors as a layout stores them. */
final class Tensors {
    private Tensors() {}

    /** The values of a tensor of a logical shape {@code [n, c, h, w]} in row-major order. */
    static float[] rowMajor(float[] stored, Layout layout, int... shape) {
        if (layout == Layout.NCHW) {
            return stored;
        }
        float[] values = new float[stored.length];
        int at = 0;
        for (int n = 0; n < shape[0]; n++) {
            for (int h = 0; h < shape[2]; h++) {
                for (int w = 0; w < shape[3]; w++) {
                    for (int c = 0; c < shape[1]; c++, at++) {
                        values[((n * shape[1] + c) * shape[2] + h) * shape[3] + w] = stored[at];
                    }
                }
            }
        }
        return values;
    }
}
