package org.secateur.models.core.graph;

/** The shape of one image's tensor: channels, height and width, each at least 1. A flat vector is n x 1 x 1. */
public record Shape(int channels, int height, int width) {
    public Shape {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "shape " + channels + "x" + height + "x" + width + ": every size must be at least 1");
        }
    }

    /** The number of elements. */
    public int elements() {
        return Math.multiplyExact(Math.multiplyExact(channels, height), width);
    }

    /** {@code 16x32x32}. */
    public String text() {
        return channels + "x" + height + "x" + width;
    }
}
