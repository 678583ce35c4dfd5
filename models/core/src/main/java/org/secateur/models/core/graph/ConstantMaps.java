package org.secateur.models.core.graph;

import java.util.Arrays;
import org.secateur.results.core.Extent;

/** Layers on one constant channel, a row-major map of its pixels. */
final class ConstantMaps {
    private ConstantMaps() {}

    /** A linear layer as the convolution that it is. */
    static Layer.Convolution pointwise(Layer.Linear l) {
        return new Layer.Convolution(l.outputs(), Extent.of(1), Extent.of(1), Extent.of(0), Extent.of(1), 1, l.bias());
    }

    /** Whether filter k has a weight other than zero. */
    static boolean live(HostTensor weight, int k) {
        int size = weight.data().length / weight.shape()[0];
        for (int i = k * size; i < (k + 1) * size; i++) {
            if (weight.data()[i] != 0) {
                return true;
            }
        }
        return false;
    }

    /** Adds what input channel c of its convolution group contributes to output channel k. */
    static void convolve(
            Layer.Convolution l, HostTensor weight, int k, int c, double[] map, Shape from, Shape to, double[] sum) {
        if (isZero(map)) {
            return;
        }
        int r = l.kernel().height();
        int s = l.kernel().width();
        int filter = (k * weight.shape()[1] + c) * r * s;
        for (int y = 0; y < to.height(); y++) {
            for (int x = 0; x < to.width(); x++) {
                double total = 0;
                for (int i = 0; i < r; i++) {
                    int row = y * l.stride().height()
                            - l.padding().height()
                            + i * l.dilation().height();
                    for (int j = 0; j < s; j++) {
                        int column = x * l.stride().width()
                                - l.padding().width()
                                + j * l.dilation().width();
                        if (row >= 0 && row < from.height() && column >= 0 && column < from.width()) {
                            total += weight.data()[filter + i * s + j] * map[row * from.width() + column];
                        }
                    }
                }
                sum[y * to.width() + x] += total;
            }
        }
    }

    /** Pools; padding is no pixel in a maximum and is counted in a padded average only. */
    static double[] pool(Layer.Pooling l, double[] map, Shape from, Shape to) {
        double[] out = new double[to.height() * to.width()];
        for (int y = 0; y < to.height(); y++) {
            for (int x = 0; x < to.width(); x++) {
                out[y * to.width() + x] = window(
                        l,
                        map,
                        from,
                        y * l.stride().height() - l.padding().height(),
                        x * l.stride().width() - l.padding().width());
            }
        }
        return out;
    }

    private static double window(Layer.Pooling l, double[] map, Shape from, int top, int left) {
        double most = Double.NEGATIVE_INFINITY;
        double sum = 0;
        int count = 0;
        int bottom = top + l.span().height();
        int right = left + l.span().width();
        for (int row = top;
                row < Math.min(from.height(), bottom);
                row += l.dilation().height()) {
            for (int column = left;
                    column < Math.min(from.width(), right);
                    column += l.dilation().width()) {
                if (row >= 0 && column >= 0) {
                    double value = map[row * from.width() + column];
                    most = Math.max(most, value);
                    sum += value;
                    count++;
                }
            }
        }
        return switch (l.kind()) {
            case MAX -> most;
            case AVERAGE -> sum / count;
            case PADDED_AVERAGE ->
                sum
                        / (Math.min(bottom, from.height() + l.padding().height()) - top)
                        / (Math.min(right, from.width() + l.padding().width()) - left);
        };
    }

    /** Pixels of one value around those that are there. */
    static double[] pad(Layer.Pad l, double[] map, Shape from, Shape to) {
        double[] out = new double[to.height() * to.width()];
        Arrays.fill(out, l.value());
        for (int y = 0; y < from.height(); y++) {
            int first = (y + l.before().height()) * to.width() + l.before().width();
            System.arraycopy(map, y * from.width(), out, first, from.width());
        }
        return out;
    }

    /** Every stride-th pixel. */
    static double[] sample(Extent stride, double[] map, Shape from, Shape to) {
        double[] out = new double[to.height() * to.width()];
        for (int y = 0; y < to.height(); y++) {
            for (int x = 0; x < to.width(); x++) {
                out[y * to.width() + x] = map[y * stride.height() * from.width() + x * stride.width()];
            }
        }
        return out;
    }

    private static boolean isZero(double[] map) {
        for (double value : map) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }
}
