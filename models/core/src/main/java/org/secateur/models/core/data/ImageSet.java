package org.secateur.models.core.data;

import java.util.Arrays;
import org.secateur.models.core.graph.Shape;

/**
 * Labelled images in memory. Not defensive: whoever hands the arrays over gives them away.
 *
 * @param shape the shape of each image
 * @param pixels one unsigned byte for each channel of each pixel; image after image, plane after plane, row after row
 * @param labels the class of each image, counted from 0
 */
@SuppressWarnings("ArrayRecordComponent") // tens of megabytes: owned, not copied; never compared
public record ImageSet(Shape shape, byte[] pixels, int[] labels) implements ImageSource {
    public ImageSet {
        long expected = (long) labels.length * shape.elements();
        if (labels.length == 0 || pixels.length != expected) {
            throw new IllegalArgumentException(labels.length + " images of " + shape.text() + " with " + pixels.length
                    + " bytes: expected at least one image and " + expected + " bytes");
        }
    }

    @Override
    public int count() {
        return labels.length;
    }

    @Override
    public LabelledImage image(int index) {
        int elements = shape.elements();
        byte[] copy = Arrays.copyOfRange(pixels, index * elements, (index + 1) * elements);
        return new LabelledImage(shape, copy, labels[index]);
    }

    @Override
    public boolean atHand() {
        return true;
    }

    /** The largest label plus one. */
    int labelsBelow() {
        int highest = 0;
        for (int label : labels) {
            if (label < 0) {
                throw new IllegalArgumentException("label " + label + ": labels count from 0");
            }
            highest = Math.max(highest, label);
        }
        return highest + 1;
    }
}
