package org.secateur.models.core.planning;

import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;

/**
 * Whose cost counts: {@code stepWeight} of a training step at {@code batch} images and the rest of an inference at
 * {@code inferenceBatch}.
 *
 * @param stepWeight 1 for the training step alone, 0 for inference alone
 */
public record Step(
        int batch, int inferenceBatch, double stepWeight, DataType dataType, MathMode mathMode, Layout layout) {
    public Step {
        if (batch < 1 || inferenceBatch < 1 || !(stepWeight >= 0 && stepWeight <= 1)) {
            throw new IllegalArgumentException("batch " + batch + ", inference batch " + inferenceBatch
                    + ", step weight " + stepWeight + ": expected at least 1, at least 1, and 0 to 1");
        }
    }

    /** The training step alone, in F32 and NCHW. */
    public static Step training(int batch) {
        return new Step(batch, 1, 1, DataType.F32, MathMode.DEFAULT, Layout.NCHW);
    }

    /** Inference alone, in F32 and NCHW. */
    public static Step inference(int batch) {
        return new Step(1, batch, 0, DataType.F32, MathMode.DEFAULT, Layout.NCHW);
    }
}
