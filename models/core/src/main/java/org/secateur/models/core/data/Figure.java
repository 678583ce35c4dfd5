package org.secateur.models.core.data;

/**
 * The classes of the drawn data. Each is a signed distance (negative inside) about the origin, in units of the radius
 * of the figure's outer circle; near the edge it is exact enough for smooth drawing. All are the same in a mirror up to
 * a rotation. Formulas after Quilez, "2D distance functions". Plain arithmetic and square roots only, so that every
 * machine draws the same bytes.
 */
enum Figure {
    DISC {
        @Override
        float distance(float x, float y) {
            return length(x, y) - 0.85f;
        }
    },
    RING {
        @Override
        float distance(float x, float y) {
            return Math.abs(length(x, y) - 0.72f) - 0.2f;
        }
    },
    CRESCENT {
        @Override
        float distance(float x, float y) {
            return Math.max(length(x, y) - 0.95f, 0.75f - length(x - 0.5f, y));
        }
    },
    TRIANGLE {
        @Override
        float distance(float x, float y) {
            return Math.max(-y, 0.8660254f * Math.abs(x) + 0.5f * y) - 0.5f;
        }
    },
    SQUARE {
        @Override
        float distance(float x, float y) {
            return Math.max(Math.abs(x), Math.abs(y)) - 0.72f;
        }
    },
    HEXAGON {
        @Override
        float distance(float x, float y) {
            return Math.max(Math.abs(x), 0.5f * Math.abs(x) + 0.8660254f * Math.abs(y)) - 0.8f;
        }
    },
    STAR {
        @Override
        float distance(float x, float y) {
            float px = Math.abs(x);
            float py = y;
            float fold = 2 * Math.max(COS36 * px - SIN36 * py, 0);
            px -= fold * COS36;
            py += fold * SIN36;
            fold = 2 * Math.max(-COS36 * px - SIN36 * py, 0);
            px += fold * COS36;
            py += fold * SIN36;
            px = Math.abs(px);
            py -= 1;
            float edgeX = 0.45f * SIN36;
            float edgeY = 0.45f * COS36 - 1;
            float along = (px * edgeX + py * edgeY) / (edgeX * edgeX + edgeY * edgeY);
            along = Math.min(1, Math.max(0, along));
            float away = length(px - edgeX * along, py - edgeY * along);
            return py * edgeX - px * edgeY < 0 ? -away : away;
        }
    },
    CROSS {
        @Override
        float distance(float x, float y) {
            float ax = Math.abs(x);
            float ay = Math.abs(y);
            return Math.min(Math.max(ax - 0.95f, ay - 0.27f), Math.max(ax - 0.27f, ay - 0.95f));
        }
    },
    BAR {
        @Override
        float distance(float x, float y) {
            return Math.max(Math.abs(x) - 0.95f, Math.abs(y) - 0.32f);
        }
    },
    CHEVRON {
        @Override
        float distance(float x, float y) {
            float fromTip = x - 0.65f;
            float ay = Math.abs(y);
            float along = Math.min(1, Math.max(0, (-1.1f * fromTip + 0.75f * ay) / (1.1f * 1.1f + 0.75f * 0.75f)));
            return length(fromTip + 1.1f * along, ay - 0.75f * along) - 0.2f;
        }
    };

    private static final float COS36 = 0.809017f;
    private static final float SIN36 = 0.58778524f;

    /** The signed distance of a point from the edge; below 0 is inside. */
    abstract float distance(float x, float y);

    private static float length(float x, float y) {
        return (float) Math.sqrt(x * x + y * y);
    }
}
