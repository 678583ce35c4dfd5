package org.secateur.models.core.graph;

import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.PoolingKind;

/** Layers on one constant channel, a row-major map of its pixels. */
final class ConstantMaps {
    private ConstantMaps() {}

    /** A linear layer as the convolution that it is. */
    static Layer.Convolution pointwise(Layer.Linear l) {
        return new Layer.Convolution(l.outputs(), Extent.of(1), Extent.of(1), Extent.of(0), Extent.of(1), 1, l.bias());
    }

    /** The non-linearity of one number. */
    static double activate(ActivationKind kind, double x) {
        return switch (kind) {
            case RELU -> Math.max(0, x);
            case RELU6 -> Math.min(Math.max(0, x), 6);
        };
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

    /** Pools; padding is no pixel in a maximum and is not counted in an average. */
    static double[] pool(Layer.Pooling l, double[] map, Shape from, Shape to) {
        double[] out = new double[to.height() * to.width()];
        for (int y = 0; y < to.height(); y++) {
            for (int x = 0; x < to.width(); x++) {
                out[y * to.width() + x] = window(
                        l.kind(),
                        map,
                        from,
                        y * l.stride().height() - l.padding().height(),
                        x * l.stride().width() - l.padding().width(),
                        l.window());
            }
        }
        return out;
    }

    private static double window(PoolingKind kind, double[] map, Shape from, int top, int left, Extent window) {
        double most = Double.NEGATIVE_INFINITY;
        double sum = 0;
        int count = 0;
        for (int row = Math.max(0, top); row < Math.min(from.height(), top + window.height()); row++) {
            for (int column = Math.max(0, left); column < Math.min(from.width(), left + window.width()); column++) {
                double value = map[row * from.width() + column];
                most = Math.max(most, value);
                sum += value;
                count++;
            }
        }
        return switch (kind) {
            case MAX -> most;
            case AVERAGE -> sum / count;
        };
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
