package org.secateur.models.core.pruning;

import java.util.Arrays;

/**
 * The weights that belong to each channel of a group in one tensor, seen as rows of which channel c owns {@code size}
 * elements from {@code start + c * size}. The array is shared with its owner, and zeroing writes to it.
 *
 * @param name the tensor's name, for people
 * @param weights all elements, row-major
 * @param from the first element of the first row
 * @param to the element behind the last row
 * @param row elements of a row
 * @param start where the group starts in a row; not 0 behind a concatenation
 * @param size elements of one channel in a row
 * @param channels the group's number of channels
 */
@SuppressWarnings("ArrayRecordComponent") // a view of a tensor, never compared
public record ChannelSlices(
        String name, float[] weights, int from, int to, int row, int start, int size, int channels) {
    public ChannelSlices {
        if (from < 0 || to <= from || to > weights.length || row < 1 || (to - from) % row != 0) {
            throw new IllegalArgumentException("tensor " + name + " of " + weights.length + " elements does not hold "
                    + from + " to " + to + " in rows of " + row);
        }
        if (start < 0 || size < 1 || channels < 1 || start + (long) size * channels > row) {
            throw new IllegalArgumentException("tensor " + name + ": " + channels + " channels of " + size
                    + " elements from " + start + " are not within a row of " + row);
        }
    }

    /** The filters of a tensor {@code [channels, ...]} that produces the group and nothing else. */
    public static ChannelSlices producer(String name, float[] weights, int channels) {
        return producer(name, weights, channels, 0, channels);
    }

    /** The filters of a tensor {@code [outputs, ...]} that produces the group from output {@code first} on. */
    public static ChannelSlices producer(String name, float[] weights, int outputs, int first, int channels) {
        int filter = outputs < 1 ? 0 : weights.length / outputs;
        if (filter * outputs != weights.length) {
            throw new IllegalArgumentException(
                    "tensor " + name + " of " + weights.length + " elements is not " + outputs + " filters");
        }
        return new ChannelSlices(name, weights, 0, weights.length, weights.length, first * filter, filter, channels);
    }

    /**
     * The input slices of a tensor {@code [outputs, channels * expansion, ...]} that reads the group and nothing else.
     * The expansion is the number of input features of each channel: 1 for convolutions, height x width behind a
     * flatten.
     */
    public static ChannelSlices consumer(String name, float[] weights, int outputs, int channels, int expansion) {
        return consumer(name, weights, outputs, channels * expansion, 1, 0, channels, expansion);
    }

    /**
     * The input slices of a tensor {@code [outputs, features / groups, ...]} that reads the group.
     *
     * @param features input features of the layer
     * @param groups groups of the convolution, 1 for a linear layer
     * @param first the group's first input feature
     * @param expansion input features of each channel
     */
    public static ChannelSlices consumer(
            String name,
            float[] weights,
            int outputs,
            int features,
            int groups,
            int first,
            int channels,
            int expansion) {
        if (outputs < 1
                || groups < 1
                || features < groups
                || expansion < 1
                || weights.length % ((long) outputs * (features / groups)) != 0) {
            throw new IllegalArgumentException("tensor " + name + " of " + weights.length + " elements is not "
                    + outputs + " outputs of " + features + " features in " + groups + " groups");
        }
        int row = weights.length / outputs;
        int each = features / groups;
        int inner = row / each;
        int rows = outputs / groups * row;
        int part = first / each;
        return new ChannelSlices(
                name, weights, part * rows, (part + 1) * rows, row, first % each * inner, expansion * inner, channels);
    }

    /** The sum of squares of a channel's weights. */
    public double squares(int channel) {
        double sum = 0;
        for (int at = first(channel); at < to; at += row) {
            for (int i = at; i < at + size; i++) {
                sum += (double) weights[i] * weights[i];
            }
        }
        return sum;
    }

    /** The largest absolute value of a channel's weights; NaN if one of them is. */
    public float largest(int channel) {
        float largest = 0;
        for (int at = first(channel); at < to; at += row) {
            for (int i = at; i < at + size; i++) {
                largest = Math.max(largest, Math.abs(weights[i]));
            }
        }
        return largest;
    }

    /** Sets a channel's weights to exactly zero. */
    public void zero(int channel) {
        for (int at = first(channel); at < to; at += row) {
            Arrays.fill(weights, at, at + size, 0);
        }
    }

    private int first(int channel) {
        if (channel < 0 || channel >= channels) {
            throw new IllegalArgumentException(
                    "channel " + channel + " of " + name + ": expected 0 to " + (channels - 1));
        }
        return from + start + channel * size;
    }
}
