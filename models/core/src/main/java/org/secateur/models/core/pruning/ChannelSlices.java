package org.secateur.models.core.pruning;

import java.util.Arrays;

/**
 * The weights that belong to each channel of a group in one tensor, seen as {@code [outer][total][inner]}: channel c
 * owns the slice {@code first + c} of the middle axis. The array is shared with its owner, and zeroing writes to it.
 *
 * @param name the tensor's name, for people
 * @param weights all elements, row-major
 * @param total the length of the middle axis
 * @param inner the elements per step of the middle axis
 * @param first where the group starts on the middle axis; not 0 behind a concatenation
 * @param channels the group's number of channels
 */
@SuppressWarnings("ArrayRecordComponent") // a view of a tensor, never compared
public record ChannelSlices(String name, float[] weights, int total, int inner, int first, int channels) {
    public ChannelSlices {
        if (total < 1 || inner < 1 || weights.length == 0 || weights.length % ((long) total * inner) != 0) {
            throw new IllegalArgumentException("tensor " + name + " of " + weights.length
                    + " elements does not divide into slices of " + total + " x " + inner);
        }
        if (first < 0 || channels < 1 || first > total - channels) {
            throw new IllegalArgumentException("tensor " + name + ": channels " + first + " to "
                    + (first + channels - 1) + " are not within 0 to " + (total - 1));
        }
    }

    /** The filters of a tensor {@code [channels, ...]} that produces the group. */
    public static ChannelSlices producer(String name, float[] weights, int channels) {
        return new ChannelSlices(name, weights, channels, weights.length / Math.max(1, channels), 0, channels);
    }

    /**
     * The input slices of a tensor {@code [outputs, channels * expansion, ...]} that reads the group. The expansion is
     * the number of input features of each channel: 1 for convolutions, height x width behind a flatten.
     */
    public static ChannelSlices consumer(String name, float[] weights, int outputs, int channels, int expansion) {
        if (outputs < 1
                || channels < 1
                || expansion < 1
                || weights.length % ((long) outputs * channels * expansion) != 0) {
            throw new IllegalArgumentException("tensor " + name + " of " + weights.length + " elements is not "
                    + outputs + " x " + channels + " channels x " + expansion + " features");
        }
        return new ChannelSlices(name, weights, channels, weights.length / outputs / channels, 0, channels);
    }

    /** The sum of squares of a channel's weights. */
    public double squares(int channel) {
        double sum = 0;
        for (int row = start(channel); row < weights.length; row += total * inner) {
            for (int i = row; i < row + inner; i++) {
                sum += (double) weights[i] * weights[i];
            }
        }
        return sum;
    }

    /** The largest absolute value of a channel's weights; NaN if one of them is. */
    public float largest(int channel) {
        float largest = 0;
        for (int row = start(channel); row < weights.length; row += total * inner) {
            for (int i = row; i < row + inner; i++) {
                largest = Math.max(largest, Math.abs(weights[i]));
            }
        }
        return largest;
    }

    /** Sets a channel's weights to exactly zero. */
    public void zero(int channel) {
        for (int row = start(channel); row < weights.length; row += total * inner) {
            Arrays.fill(weights, row, row + inner, 0);
        }
    }

    private int start(int channel) {
        if (channel < 0 || channel >= channels) {
            throw new IllegalArgumentException(
                    "channel " + channel + " of " + name + ": expected 0 to " + (channels - 1));
        }
        return (first + channel) * inner;
    }
}
