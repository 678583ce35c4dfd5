package org.secateur.models.core.data;

import org.secateur.models.core.graph.Shape;

/**
 * An image and its class. Not defensive: whoever hands the array over gives it away.
 *
 * @param pixels one unsigned byte for each channel of each pixel; plane after plane, row after row
 * @param label the class, counted from 0
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record LabelledImage(Shape shape, byte[] pixels, int label) {
    public LabelledImage {
        if (pixels.length != shape.elements() || label < 0) {
            throw new IllegalArgumentException("image of " + shape.text() + " with " + pixels.length
                    + " bytes and label " + label + ": expected " + shape.elements() + " bytes and a label from 0");
        }
    }

    /**
     * This, if it is as all images of its data must be.
     *
     * @param index its number, for the message
     * @throws IllegalArgumentException when it has another shape, or a label that is no class
     */
    LabelledImage fitting(int index, Shape expected, int classes) {
        if (!shape.equals(expected) || label >= classes) {
            throw new IllegalArgumentException("image " + index + " is of " + shape.text() + " with label " + label
                    + ": expected " + expected.text() + " and a label of 0 to " + (classes - 1));
        }
        return this;
    }
}
