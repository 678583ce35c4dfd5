package org.secateur.models.core.data;

/**
 * The middle square of an image whose shorter side is brought to the square's: torchvision's {@code Resize(size)} and
 * {@code CenterCrop(size)}. Bilinear; where it shrinks, the triangle is as wide as the pixels that become one, as
 * Pillow's and torchvision's with antialias.
 *
 * @param horizontal what each column of the square is made of
 * @param vertical what each of its rows is made of
 */
@SuppressWarnings("ArrayRecordComponent") // made and used here
record Crop(Line[] horizontal, Line[] vertical) {
    /**
     * What one row or column is made of.
     *
     * @param first the first source row or column
     * @param weights of it and those after it; their sum is 1
     */
    @SuppressWarnings("ArrayRecordComponent") // made and used here
    record Line(int first, float[] weights) {}

    /** The crop of {@code size} pixels on a side from an image of that many pixels. */
    static Crop of(int width, int height, int size) {
        int shorter = Math.min(width, height);
        return new Crop(lines(width, shorter, size), lines(height, shorter, size));
    }

    private static Line[] lines(int source, int shorter, int size) {
        int resized = source == shorter ? size : (int) ((long) size * source / shorter);
        int start = (int) Math.rint((resized - size) / 2.0);
        double scale = (double) source / resized;
        double reach = Math.max(1, scale);
        Line[] lines = new Line[size];
        for (int i = 0; i < size; i++) {
            double centre = (start + i + 0.5) * scale;
            int first = Math.max(0, (int) (centre - reach + 0.5));
            int last = Math.min(source, (int) (centre + reach + 0.5));
            float[] weights = new float[last - first];
            double sum = 0;
            for (int j = first; j < last; j++) {
                double weight = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / reach);
                weights[j - first] = (float) weight;
                sum += weight;
            }
            for (int j = 0; j < weights.length; j++) {
                weights[j] = (float) (weights[j] / sum);
            }
            lines[i] = new Line(first, weights);
        }
        return lines;
    }

    /**
     * Writes the square of one channel.
     *
     * @param plane the image's values of that channel, 0 to 255, row after row
     * @param width pixels in a row of the image
     * @param to gets size x size bytes
     * @param start where the first one goes
     */
    void apply(int[] plane, int width, byte[] to, int start) {
        int size = vertical.length;
        int top = vertical[0].first();
        Line bottom = vertical[size - 1];
        float[] narrow = new float[(bottom.first() + bottom.weights().length - top) * size];
        for (int y = 0; y * size < narrow.length; y++) {
            for (int x = 0; x < size; x++) {
                Line line = horizontal[x];
                float sum = 0;
                int from = (top + y) * width + line.first();
                for (int j = 0; j < line.weights().length; j++) {
                    sum += line.weights()[j] * plane[from + j];
                }
                narrow[y * size + x] = sum;
            }
        }
        for (int y = 0; y < size; y++) {
            Line line = vertical[y];
            for (int x = 0; x < size; x++) {
                float sum = 0;
                int from = (line.first() - top) * size + x;
                for (int j = 0; j < line.weights().length; j++) {
                    sum += line.weights()[j] * narrow[from + j * size];
                }
                to[start + y * size + x] = (byte) Math.min(255, Math.max(0, Math.round(sum)));
            }
        }
    }
}
