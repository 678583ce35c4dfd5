package org.secateur.models.libtorch;

import static org.bytedeco.pytorch.global.torch.zeros;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.secateur.models.core.graph.Shape;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.Layout;

/**
 * The memory in libtorch for a batch of images and labels, filled anew for each step; both lie in a format's memory. Whoever
 * makes it closes it.
 */
final class BatchTensors implements AutoCloseable {
    private final Shape shape;
    private final TensorFormat format;
    private final int capacity;
    private final PointerScope scope;
    /** Images as they are drawn, row by row of each channel: the images themselves where they lie so in the processor's memory. */
    private final Tensor drawn;

    private final Tensor images;
    /** Labels as they are drawn, likewise. */
    private final Tensor drawnLabels;

    private final Tensor labels;

    BatchTensors(Shape shape, int capacity, TensorFormat format) {
        this.shape = shape;
        this.format = format;
        this.capacity = capacity;
        try (PointerScope opened = new PointerScope()) {
            drawn = zeros(capacity, shape.channels(), shape.height(), shape.width());
            images = format.arranged(drawn);
            drawnLabels = Tensor.create(new long[capacity], capacity);
            labels = format.placed(drawnLabels);
            scope = opened.extend();
        }
    }

    Shape shape() {
        return shape;
    }

    int capacity() {
        return capacity;
    }

    /** Copies the first {@code count} images and labels. */
    @SuppressWarnings("try") // the scope only has to be open
    void fill(float[] pixels, long[] classes, int count) {
        long needed = (long) count * shape.elements();
        if (count < 1 || count > capacity || pixels.length < needed || classes.length < count) {
            throw new IllegalArgumentException("batch of " + count + " images in " + pixels.length + " floats with "
                    + classes.length + " labels: expected 1.." + capacity + " images of " + shape.text());
        }
        try (FloatPointer to = new FloatPointer(drawn.data_ptr());
                LongPointer toLabels = new LongPointer(drawnLabels.data_ptr())) {
            to.put(pixels, 0, (int) needed);
            toLabels.put(classes, 0, count);
        }
        boolean onGpu = format.gpu().isPresent();
        if (onGpu || format.layout() != Layout.NCHW) {
            try (PointerScope copying = new PointerScope()) {
                images(count).copy_(drawn.narrow(0, 0, count));
                if (onGpu) {
                    labels(count).copy_(drawnLabels.narrow(0, 0, count));
                }
            }
        }
    }

    /** The first {@code count} images; a view belongs to the innermost open pointer scope. */
    Tensor images(int count) {
        return count == capacity ? images : images.narrow(0, 0, count);
    }

    Tensor labels(int count) {
        return count == capacity ? labels : labels.narrow(0, 0, count);
    }

    @Override
    public void close() {
        scope.close();
    }
}
