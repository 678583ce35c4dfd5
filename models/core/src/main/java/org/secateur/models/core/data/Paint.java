package org.secateur.models.core.data;

import java.util.SplittableRandom;

/** A colour with a gradient and stripes over it: {@code colour + slope . (x, y) + depth * wave(stripe . (x, y) + phase)}. */
record Paint(
        float red,
        float green,
        float blue,
        float slopeX,
        float slopeY,
        float stripeX,
        float stripeY,
        float phase,
        float depth) {

    /** A paint about a colour: brightness drifts by up to 0.3 over the image, and half the paints are striped. */
    static Paint random(SplittableRandom random, float[] colour) {
        float turn = ShapesData.between(random, 0, (float) (2 * Math.PI));
        float period = ShapesData.between(random, 3, 9);
        float depth = random.nextBoolean() ? ShapesData.between(random, 0.03f, 0.12f) : 0;
        return new Paint(
                colour[0],
                colour[1],
                colour[2],
                ShapesData.between(random, -0.005f, 0.005f),
                ShapesData.between(random, -0.005f, 0.005f),
                (float) StrictMath.cos(turn) / period,
                (float) StrictMath.sin(turn) / period,
                random.nextInt(1 << 24) * 0x1p-24f,
                depth);
    }

    /** What is added to the colour at a pixel. */
    float shade(int x, int y) {
        float shade = slopeX * (x - 16) + slopeY * (y - 16);
        if (depth == 0) {
            return shade;
        }
        float turns = stripeX * x + stripeY * y + phase;
        float wave = 4 * Math.abs(turns - (float) Math.floor(turns) - 0.5f) - 1;
        return shade + depth * wave;
    }

    /** Covers a square canvas of three planes. */
    void fill(float[] canvas, int side) {
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                blend(canvas, side, x, y, 1);
            }
        }
    }

    /** Covers one pixel by the given fraction. */
    void blend(float[] canvas, int side, int x, int y, float coverage) {
        float shade = shade(x, y);
        int p = y * side + x;
        int plane = side * side;
        canvas[p] += coverage * (red + shade - canvas[p]);
        canvas[plane + p] += coverage * (green + shade - canvas[plane + p]);
        canvas[2 * plane + p] += coverage * (blue + shade - canvas[2 * plane + p]);
    }
}
