package org.secateur.models.onnx;

import java.util.List;
import java.util.Optional;
import org.secateur.models.core.graph.Layer;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.PoolingKind;

/** A pool without its padding: what padding that differs from side to side becomes. */
record PoolingForm(PoolingKind kind, Extent window, Extent stride, Extent dilation) {

    /**
     * A pool that pads opposite sides alike.
     *
     * @param layer the pool
     * @param border pixels for a layer before it to put around the image: below every other where a maximum is taken,
     *     else zeros
     */
    record Padded(Layer.Pooling layer, Border border) {}

    /**
     * The pool that has the same windows; empty where there is none.
     *
     * @param image height and width
     * @param stated what the file pads
     * @param ceil whether the file rounds up
     */
    Optional<Padded> fitted(Extent image, Border stated, boolean ceil) {
        Extent wanted = windows(image, stated, ceil);
        Extent half = new Extent(window.height() / 2, window.width() / 2);
        Extent leading = stated.before();
        boolean counts = kind == PoolingKind.PADDED_AVERAGE;
        if (!counts && leading.height() <= half.height() && leading.width() <= half.width()) {
            // Padding behind the image is in no maximum and no mean, so a window more is all that it does.
            for (boolean up : List.of(ceil, !ceil)) {
                if (windows(image, Border.alike(leading), up).equals(wanted)) {
                    return Optional.of(new Padded(layer(leading, up), Border.NONE));
                }
            }
        }
        if (kind == PoolingKind.AVERAGE) {
            return Optional.empty();
        }
        Extent common = stated.common(half);
        Border rest = stated.without(common);
        for (boolean up : List.of(ceil, !ceil)) {
            if (windows(rest.around(image), Border.alike(common), up).equals(wanted)) {
                return Optional.of(new Padded(layer(common, up), rest));
            }
        }
        return Optional.empty();
    }

    private Layer.Pooling layer(Extent padding, boolean ceil) {
        boolean unpadded = kind == PoolingKind.PADDED_AVERAGE && padding.equals(Extent.of(0));
        return new Layer.Pooling(unpadded ? PoolingKind.AVERAGE : kind, window, stride, padding, ceil, dilation);
    }

    /** How many windows there are each way: those that lie within the border and, rounding up, begin before its end. */
    private Extent windows(Extent image, Border border, boolean ceil) {
        Extent span = Operation.Pooling.span(window, dilation);
        return new Extent(
                windows(
                        image.height(),
                        span.height(),
                        stride.height(),
                        border.before().height(),
                        border.after().height(),
                        ceil),
                windows(
                        image.width(),
                        span.width(),
                        stride.width(),
                        border.before().width(),
                        border.after().width(),
                        ceil));
    }

    private static int windows(int image, int span, int stride, int before, int after, boolean ceil) {
        int room = image + before + after - span;
        int windows = room < 0 && !ceil ? 0 : (ceil ? Math.ceilDiv(room, stride) : room / stride) + 1;
        return Math.max(0, ceil && (windows - 1) * stride >= image + before ? windows - 1 : windows);
    }
}
