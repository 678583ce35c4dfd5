package org.secateur.models.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.Extent;

/** The index maps that Pad, Slice and Gather are: which channels and pixels they take. */
final class ChannelSelection {
    private ChannelSelection() {}

    /**
     * What a Pad adds.
     *
     * @param before channels of zeros before the first
     * @param after channels of zeros behind the last
     * @param around pixels
     * @param value of what is added, finite
     */
    record Pads(int before, int after, Border around, double value) {}

    /** What a node pads. */
    static Pads pads(Arguments in) {
        if (!in.text("mode", "constant").equals("constant")) {
            throw in.refused("its mode is not constant");
        }
        float[] value = in.optional(2).map(OnnxTensor::floats).orElse(new float[] {0});
        if (value.length != 1 || !(value[0] < Float.POSITIVE_INFINITY)) {
            throw in.refused("it pads with " + Arrays.toString(Arrays.copyOf(value, Math.min(4, value.length)))
                    + ": expected one number");
        }
        long[] given = in.constant(1).wholes();
        long[] axes = in.optional(3).map(OnnxTensor::wholes).orElseGet(() -> counted(4));
        if (given.length != 2 * axes.length) {
            throw in.refused(given.length + " pads for " + axes.length + " axes: expected two for each");
        }
        long[] before = new long[4];
        long[] after = new long[4];
        for (int i = 0; i < axes.length; i++) {
            int axis = in.axis(axes[i], 4);
            before[axis] = given[i];
            after[axis] = given[axes.length + i];
        }
        if (before[0] != 0 || after[0] != 0) {
            throw in.refused("it pads the batch");
        }
        return new Pads(
                in.size("pad", before[1]),
                in.size("pad", after[1]),
                new Border(
                        new Extent(in.size("pad", before[2]), in.size("pad", before[3])),
                        new Extent(in.size("pad", after[2]), in.size("pad", after[3]))),
                Math.max(value[0], Layer.Pad.LOWEST));
    }

    /** All channels between zeros. */
    static Layer.IndexMap padded(int channels, int before, int after) {
        List<Integer> sources = IntStream.range(-before, channels + after)
                .map(i -> i >= 0 && i < channels ? i : Layer.IndexMap.ZERO)
                .boxed()
                .toList();
        return new Layer.IndexMap(sources, Extent.of(1));
    }

    /** Some channels in their order, or every so many pixels from the first to the last. */
    static Layer.IndexMap slice(Arguments in, Shape shape) {
        long[] starts = in.constant(1).wholes();
        long[] ends = in.constant(2).wholes();
        long[] axes = in.optional(3).map(OnnxTensor::wholes).orElseGet(() -> counted(starts.length));
        long[] steps = in.optional(4)
                .map(OnnxTensor::wholes)
                .orElseGet(
                        () -> LongStream.generate(() -> 1).limit(starts.length).toArray());
        if (starts.length > 4
                || ends.length != starts.length
                || axes.length != starts.length
                || steps.length != starts.length) {
            throw in.refused("its starts, ends, axes and steps are not equally many, or more than the dimensions");
        }
        List<Integer> sources = counted(0, shape.channels(), 1);
        int[] strides = {1, 1};
        for (int i = 0; i < starts.length; i++) {
            int axis = in.axis(axes[i], in.plain(0).flat() ? 2 : 4);
            int step = in.size("step", steps[i]);
            if (axis == 1 && step > 0) {
                sources = counted(clamped(starts[i], shape.channels()), clamped(ends[i], shape.channels()), step);
                continue;
            }
            int size = axis == 2 ? shape.height() : axis == 3 ? shape.width() : Integer.MAX_VALUE;
            if (starts[i] != 0 || ends[i] < size || step < 1 || (axis == 0 && step > 1)) {
                throw in.refused("expected a slice of channels, or every so many pixels from the first to the last");
            }
            if (axis > 1) {
                strides[axis - 2] = step;
            }
        }
        if (sources.isEmpty()) {
            throw in.refused("it leaves no channel");
        }
        return new Layer.IndexMap(sources, new Extent(strides[0], strides[1]));
    }

    /** The channels of a list. */
    static Layer.IndexMap gather(Arguments in, Shape shape) {
        in.requireChannels(in.whole("axis", 0), in.plain(0).flat());
        OnnxTensor indices = in.constant(1);
        if (indices.dimensions().size() != 1 || indices.elements() == 0) {
            throw in.refused("its indices have shape " + indices.dimensions() + ": expected a list of channels");
        }
        List<Integer> sources = new ArrayList<>();
        for (long index : indices.wholes()) {
            sources.add(in.axis(index, shape.channels()));
        }
        return new Layer.IndexMap(sources, Extent.of(1));
    }

    private static long[] counted(int count) {
        return LongStream.range(0, count).toArray();
    }

    private static List<Integer> counted(int first, int end, int step) {
        return IntStream.iterate(first, i -> i < end, i -> i + step).boxed().toList();
    }

    /** An end of a slice, counted from behind where negative. */
    private static int clamped(long index, int size) {
        long positive = index < 0 ? index + size : index;
        return (int) Math.max(0, Math.min(size, positive));
    }
}
