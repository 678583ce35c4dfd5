package org.secateur.models.core.data;

/**
 * A figure at a place.
 *
 * @param radius of its outer circle, in pixels
 * @param angle its rotation in radians
 */
record Stamp(Figure figure, float centreX, float centreY, float radius, float angle) {

    /** Paints the figure onto a square canvas of three planes, with smooth edges. */
    void press(float[] canvas, int side, Paint paint) {
        float cos = (float) StrictMath.cos(angle) / radius;
        float sin = (float) StrictMath.sin(angle) / radius;
        int top = Math.max(0, (int) (centreY - radius - 1));
        int bottom = Math.min(side - 1, (int) (centreY + radius + 1));
        int left = Math.max(0, (int) (centreX - radius - 1));
        int right = Math.min(side - 1, (int) (centreX + radius + 1));
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                float dx = x + 0.5f - centreX;
                float dy = y + 0.5f - centreY;
                float distance = radius * figure.distance(cos * dx + sin * dy, cos * dy - sin * dx);
                if (distance < 0.5f) {
                    paint.blend(canvas, side, x, y, Math.min(1, 0.5f - distance));
                }
            }
        }
    }
}
