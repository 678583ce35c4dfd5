package org.secateur.results.core;

/** A pair of height and width, in pixels: a kernel, a stride, a padding or a dilation. Both at least 0. */
public record Extent(int height, int width) {
    public Extent {
        if (height < 0 || width < 0) {
            throw new IllegalArgumentException("extent " + height + "," + width + ": both must be at least 0");
        }
    }

    /** The square extent. */
    public static Extent of(int side) {
        return new Extent(side, side);
    }

    /** Reads {@code 3,3}. */
    public static Extent parse(String text) {
        int comma = text.indexOf(',');
        if (comma < 0) {
            throw new IllegalArgumentException("extent \"" + text + "\": expected height,width");
        }
        return new Extent(Integer.parseInt(text.substring(0, comma)), Integer.parseInt(text.substring(comma + 1)));
    }

    /** {@code height,width}. */
    public String text() {
        return height + "," + width;
    }
}
