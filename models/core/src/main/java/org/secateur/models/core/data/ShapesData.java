package org.secateur.models.core.data;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.Shape;

/**
 * The embedded data: 32 x 32 RGB drawings of ten figures at random places, sizes and rotations, in colours, gradients
 * and stripes that say nothing of the class, with small figures and a bar in the way, and noise. An image depends on
 * its set's seed and its index only; image i shows class i mod 10.
 */
public final class ShapesData {
    /** Enough for a small residual network to pass 90 %, few enough for an epoch of seconds. */
    public static final int TRAINING_IMAGES = 20_000;
    /** At 90 % right the 95 % interval of the accuracy is then 0.8 points wide. */
    public static final int TEST_IMAGES = 20_000;
    /** As many as an array of bytes holds comfortably. */
    static final int MOST_IMAGES = 500_000;

    private static final long TRAINING_SEED = 1;
    private static final long TEST_SEED = 2;
    private static final int SIDE = 32;
    private static final Shape SHAPE = new Shape(3, SIDE, SIDE);
    private static final Figure[] FIGURES = Figure.values();

    /** Radius of the figure's outer circle, in pixels: below 6, hexagon and disc cannot be told apart. */
    private static final float SMALLEST = 8f;

    private static final float LARGEST = 13f;
    /** The figure is turned by at most this, in radians, to either side. */
    private static final float TURN = 0.5f;
    /** The centre lies this far inside the image at least. */
    private static final float MARGIN = 12.5f;
    /** Figure and ground differ by at least this much, summed over the channels' 0 to 1. */
    private static final float CONTRAST = 0.9f;
    /** Noise of each byte is triangular between plus and minus this, of 0 to 1: a standard deviation of 0.041. */
    private static final float NOISE = 0.1f;
    /** At most this many small figures in the way. */
    private static final int DISTRACTORS = 2;
    /** How often a bar of about ten by three pixels covers a part of the figure. */
    private static final double COVERED = 0.25;

    private ShapesData() {}

    /** The two sets, of {@code training} and {@code test} images; the same on every machine. */
    public static Dataset dataset(int training, int test) {
        ImageSet train = draw(training, TRAINING_SEED);
        return new Dataset("shapes", FIGURES.length, Normalisation.of(train), true, train, draw(test, TEST_SEED));
    }

    /** The first {@code count} images of a seed's set. */
    static ImageSet draw(int count, long seed) {
        if (count < 1 || count > MOST_IMAGES) {
            throw new IllegalArgumentException(count + " images: expected 1 to " + MOST_IMAGES);
        }
        byte[] pixels = new byte[count * SHAPE.elements()];
        int[] labels = new int[count];
        long stream = Batches.mix(seed);
        IntStream.range(0, count).parallel().forEach(i -> {
            labels[i] = i % FIGURES.length;
            draw(FIGURES[labels[i]], new SplittableRandom(Batches.mix(stream + i)), pixels, i * SHAPE.elements());
        });
        return new ImageSet(SHAPE, pixels, labels);
    }

    private static void draw(Figure figure, SplittableRandom random, byte[] pixels, int start) {
        float[] canvas = new float[SHAPE.elements()];
        float[] ground = colour(random);
        Paint.random(random, ground).fill(canvas, SIDE);
        int distractors = random.nextInt(DISTRACTORS + 1);
        int below = random.nextInt(distractors + 1);
        for (int i = 0; i < below; i++) {
            distract(random, canvas);
        }
        float x = between(random, MARGIN, SIDE - MARGIN);
        float y = between(random, MARGIN, SIDE - MARGIN);
        new Stamp(figure, x, y, between(random, SMALLEST, LARGEST), between(random, -TURN, TURN))
                .press(canvas, SIDE, Paint.random(random, contrasting(random, ground)));
        for (int i = below; i < distractors; i++) {
            distract(random, canvas);
        }
        if (random.nextDouble() < COVERED) {
            new Stamp(
                            Figure.BAR,
                            x + between(random, -6, 6),
                            y + between(random, -6, 6),
                            between(random, 4, 5.5f),
                            angle(random))
                    .press(canvas, SIDE, Paint.random(random, colour(random)));
        }
        develop(canvas, random, pixels, start);
    }

    private static void distract(SplittableRandom random, float[] canvas) {
        Figure figure = FIGURES[random.nextInt(FIGURES.length)];
        new Stamp(figure, between(random, 0, SIDE), between(random, 0, SIDE), between(random, 1.5f, 3), angle(random))
                .press(canvas, SIDE, Paint.random(random, colour(random)));
    }

    /** Adds noise and rounds to bytes. */
    private static void develop(float[] canvas, SplittableRandom random, byte[] pixels, int start) {
        int plane = SIDE * SIDE;
        for (int p = 0; p < plane; p++) {
            long bits = random.nextLong();
            for (int c = 0; c < 3; c++) {
                float noise = ((bits & 0xff) + (bits >>> 8 & 0xff) - 255) * (NOISE / 255);
                float value = canvas[c * plane + p] + noise;
                pixels[start + c * plane + p] = (byte) (int) (Math.min(1, Math.max(0, value)) * 255 + 0.5f);
                bits >>>= 16;
            }
        }
    }

    private static float[] colour(SplittableRandom random) {
        return new float[] {between(random, 0.1f, 0.9f), between(random, 0.1f, 0.9f), between(random, 0.1f, 0.9f)};
    }

    private static float[] contrasting(SplittableRandom random, float[] other) {
        while (true) {
            float[] colour = colour(random);
            float difference = 0;
            for (int c = 0; c < 3; c++) {
                difference += Math.abs(colour[c] - other[c]);
            }
            if (difference >= CONTRAST) {
                return colour;
            }
        }
    }

    private static float angle(SplittableRandom random) {
        return between(random, 0, (float) (2 * Math.PI));
    }

    static float between(SplittableRandom random, float low, float high) {
        return low + (high - low) * (random.nextInt(1 << 24) * 0x1p-24f);
    }
}
