package org.secateur.models.core.data;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.secateur.models.core.graph.Shape;

/**
 * One pass over images in batches of normalised floats. Immutable: threads may share it. What a training batch holds
 * depends on the data, seed, epoch and index only, so that a resumed run sees the same images.
 */
public final class Batches {
    /** Black pixels around the image before a random crop, the usual augmentation of small images. */
    private static final int PADDING = 4;

    private final ImageSource images;
    private final Shape shape;
    private final int classes;
    private final float[][] tables;
    private final int size;
    private final int count;
    private final int[] order;
    private final boolean augment;
    private final boolean flip;
    private final long stream;

    private Batches(
            Dataset data, ImageSource images, int size, boolean training, boolean augment, long seed, int epoch) {
        if (size < 1 || (training && size > images.count())) {
            throw new IllegalArgumentException("batch size " + size + ": expected 1 to " + images.count());
        }
        this.images = images;
        this.shape = data.shape();
        this.classes = data.classes();
        this.tables = data.normalisation().tables();
        this.size = size;
        this.augment = augment;
        this.flip = data.flip();
        this.stream = mix(mix(seed) + epoch);
        this.order = new int[images.count()];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        if (training) {
            shuffle(order, new SplittableRandom(mix(stream + order.length)));
        }
        this.count = training ? order.length / size : Math.ceilDiv(order.length, size);
    }

    /**
     * One epoch of training images in random order, padded by 4, cropped and (where the data allows) mirrored at
     * random. The last images that do not fill a batch are left out of this epoch.
     *
     * @param epoch counted from 0
     */
    public static Batches training(Dataset data, int size, long seed, int epoch) {
        return new Batches(data, data.train(), size, true, true, seed, epoch);
    }

    /** One epoch of training images in random order, as they are. */
    public static Batches unaugmented(Dataset data, int size, long seed, int epoch) {
        return new Batches(data, data.train(), size, true, false, seed, epoch);
    }

    /** All test images in order, as they are; the last batch may be smaller. */
    public static Batches test(Dataset data, int size) {
        return new Batches(data, data.test(), size, false, false, 0, 0);
    }

    /** The number of batches. */
    public int count() {
        return count;
    }

    /** The number of images in batch {@code index}. */
    public int size(int index) {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException("batch " + index + ": expected 0 to " + (count - 1));
        }
        return Math.min(size, order.length - index * size);
    }

    /** The largest number of images in a batch. */
    public int largestSize() {
        return Math.min(size, order.length);
    }

    /** The floats of an image. */
    int elements() {
        return shape.elements();
    }

    /** Whether a batch takes hardly more than copying it. */
    boolean atHand() {
        return images.atHand();
    }

    /**
     * Writes batch {@code index}.
     *
     * @param floats gets the images, N x C x H x W
     * @param labels gets their N classes
     * @return the number N of images written
     * @throws IllegalArgumentException when an image has another shape than the data, or a label that is no class
     */
    public int fill(int index, float[] floats, long[] labels) {
        int n = size(index);
        int elements = shape.elements();
        if (floats.length < (long) n * elements || labels.length < n) {
            throw new IllegalArgumentException("batch of " + n + " images into " + floats.length + " floats and "
                    + labels.length + " labels: expected at least " + (long) n * elements + " and " + n);
        }
        for (int i = 0; i < n; i++) {
            int position = index * size + i;
            LabelledImage image = images.image(order[position]).fitting(order[position], shape, classes);
            labels[i] = image.label();
            if (augment) {
                SplittableRandom random = new SplittableRandom(mix(stream + position));
                int down = random.nextInt(2 * PADDING + 1) - PADDING;
                int right = random.nextInt(2 * PADDING + 1) - PADDING;
                boolean mirrored = flip && random.nextBoolean();
                copy(image.pixels(), floats, i * elements, down, right, mirrored);
            } else {
                copy(image.pixels(), floats, i * elements, 0, 0, false);
            }
        }
        return n;
    }

    /** Copies an image whose crop window is moved {@code down} and {@code right}, black where it leaves the image. */
    private void copy(byte[] pixels, float[] floats, int start, int down, int right, boolean mirrored) {
        int height = shape.height();
        int width = shape.width();
        int first = Math.min(width, Math.max(0, -right));
        int last = Math.max(first, Math.min(width, width - right));
        for (int c = 0; c < shape.channels(); c++) {
            float[] table = tables[c];
            for (int y = 0; y < height; y++) {
                int to = start + (c * height + y) * width;
                int from = y + down;
                if (from < 0 || from >= height) {
                    Arrays.fill(floats, to, to + width, table[0]);
                    continue;
                }
                int row = (c * height + from) * width + right;
                if (mirrored) {
                    row(table, pixels, row, first, last, floats, to + width - 1, -1, width);
                } else {
                    row(table, pixels, row, first, last, floats, to, 1, width);
                }
            }
        }
    }

    /** Writes one row forwards or backwards: black before {@code first} and from {@code last} on. */
    private static void row(
            float[] table, byte[] pixels, int row, int first, int last, float[] floats, int to, int step, int width) {
        for (int x = 0; x < first; x++) {
            floats[to + step * x] = table[0];
        }
        for (int x = first; x < last; x++) {
            floats[to + step * x] = table[pixels[row + x] & 0xff];
        }
        for (int x = last; x < width; x++) {
            floats[to + step * x] = table[0];
        }
    }

    /** Fisher and Yates's shuffle. */
    private static void shuffle(int[] values, SplittableRandom random) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

    /** SplitMix64's output function: neighbouring numbers become unrelated ones. */
    static long mix(long value) {
        return new SplittableRandom(value).nextLong();
    }
}
