package org.secateur.models.core.data;

import org.secateur.models.core.graph.Shape;

/**
 * How bytes become network input: {@code (byte / 255 - mean) / deviation} for each channel.
 *
 * @param mean the training images' mean of each channel, of 0 to 1
 * @param deviation their standard deviation of each channel, of 0 to 1, positive
 * @param source where the two come from, in a few words
 */
@SuppressWarnings("ArrayRecordComponent") // a few numbers, never compared
public record Normalisation(float[] mean, float[] deviation, String source) {
    /** The source of {@link #of}. */
    public static final String COMPUTED = "computed from the training images";

    public Normalisation {
        mean = mean.clone();
        deviation = deviation.clone();
        if (mean.length == 0 || mean.length != deviation.length) {
            throw new IllegalArgumentException(mean.length + " means and " + deviation.length
                    + " deviations: expected one of each for every channel");
        }
        for (float value : deviation) {
            if (!(value > 0)) {
                throw new IllegalArgumentException("deviation " + value + " must be positive");
            }
        }
    }

    /** The statistics of all images' pixels. A channel of one single value gets deviation 1. */
    static Normalisation of(ImageSource images) {
        Shape shape = images.shape();
        int channels = shape.channels();
        int plane = shape.elements() / channels;
        long[][] histograms = new long[channels][256];
        for (int i = 0; i < images.count(); i++) {
            byte[] pixels = images.image(i).fitting(i, shape, Integer.MAX_VALUE).pixels();
            for (int p = 0; p < pixels.length; p++) {
                histograms[p / plane][pixels[p] & 0xff]++;
            }
        }
        float[] mean = new float[channels];
        float[] deviation = new float[channels];
        for (int c = 0; c < channels; c++) {
            long[] histogram = histograms[c];
            double total = (double) images.count() * plane;
            double sum = 0;
            double squares = 0;
            for (int value = 0; value < 256; value++) {
                sum += histogram[value] * (value / 255.0);
                squares += histogram[value] * (value / 255.0) * (value / 255.0);
            }
            double variance = squares / total - sum / total * (sum / total);
            mean[c] = (float) (sum / total);
            deviation[c] = variance < 1e-12 ? 1 : (float) Math.sqrt(variance);
        }
        return new Normalisation(mean, deviation, COMPUTED);
    }

    /** For each channel the 256 normalised values of a byte. */
    float[][] tables() {
        float[][] tables = new float[mean.length][256];
        for (int c = 0; c < mean.length; c++) {
            for (int value = 0; value < 256; value++) {
                tables[c][value] = (value / 255f - mean[c]) / deviation[c];
            }
        }
        return tables;
    }
}
