package org.secateur.models.core.training;

import java.util.BitSet;

/**
 * How a network did on a set of images, in evaluation mode.
 *
 * @param images how many images there were
 * @param loss their mean cross entropy
 * @param right for each image in order whether it was classified rightly, for paired comparisons
 * @param inFive how many images have their class among the five with the highest scores
 * @param seconds how long it took, data included
 */
public record Evaluation(int images, double loss, BitSet right, int inFive, double seconds) {
    public Evaluation {
        if (images < 1 || right.length() > images) {
            throw new IllegalArgumentException("evaluation of " + images + " images with answers for " + right.length()
                    + ": expected at least one image, and no more answers");
        }
        if (inFive < 0 || inFive > images) {
            throw new IllegalArgumentException(inFive + " of " + images + " images right within five answers");
        }
        right = (BitSet) right.clone();
    }

    @Override
    public BitSet right() {
        return (BitSet) right.clone();
    }

    /** How many images were classified rightly. */
    public int correct() {
        return right.cardinality();
    }

    /** The fraction of images classified rightly. */
    public double accuracy() {
        return (double) correct() / images;
    }
}
