package org.secateur.profilers.core.reference;

import java.util.List;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;

/**
 * Slow, obvious computations of operations in double precision, on row-major arrays: NCHW values and KCRS weights, whose groups hold
 * {@code c / groups} channels. What a kernel computes is held against these. Nothing is checked: an array shorter than its shape throws
 * {@link ArrayIndexOutOfBoundsException}.
 */
public final class Twins {
    private Twins() {}

    /** What to do with one product of a convolution. */
    @FunctionalInterface
    public interface Tap {
        /** The product of {@code x[x]} and {@code w[w]} is a term of {@code y[y]}. */
        void at(int y, int x, int w);
    }

    /** Calls back with the indices of output, input and weight of every product of a convolution. */
    public static void forEachTap(Convolution o, Tap tap) {
        int inputs = o.c() / o.groups();
        int outputs = o.k() / o.groups();
        for (int n = 0; n < o.n(); n++) {
            for (int k = 0; k < o.k(); k++) {
                for (int p = 0; p < o.outputHeight(); p++) {
                    for (int q = 0; q < o.outputWidth(); q++) {
                        for (int c = 0; c < inputs; c++) {
                            for (int r = 0; r < o.r(); r++) {
                                for (int s = 0; s < o.s(); s++) {
                                    int h = p * o.stride().height()
                                            - o.padding().height()
                                            + r * o.dilation().height();
                                    int w = q * o.stride().width()
                                            - o.padding().width()
                                            + s * o.dilation().width();
                                    if (h < 0 || h >= o.h() || w < 0 || w >= o.w()) {
                                        continue;
                                    }
                                    int channel = k / outputs * inputs + c;
                                    tap.at(
                                            ((n * o.k() + k) * o.outputHeight() + p) * o.outputWidth() + q,
                                            ((n * o.c() + channel) * o.h() + h) * o.w() + w,
                                            ((k * inputs + c) * o.r() + r) * o.s() + s);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /** y[n, k, p, q] = sum over c, r, s of x[n, c, h, w] * w[k, c, r, s], a cross-correlation without bias. */
    public static double[] convolution(Convolution o, float[] x, float[] w) {
        double[] y = new double[o.n() * o.k() * o.outputHeight() * o.outputWidth()];
        forEachTap(o, (iy, ix, iw) -> y[iy] += (double) x[ix] * w[iw]);
        return y;
    }

    /** The gradient of x, given that of y. */
    public static double[] convolutionData(Convolution o, float[] dy, float[] w) {
        double[] dx = new double[o.n() * o.c() * o.h() * o.w()];
        forEachTap(o, (iy, ix, iw) -> dx[ix] += (double) dy[iy] * w[iw]);
        return dx;
    }

    /** The gradient of w, given that of y. */
    public static double[] convolutionWeights(Convolution o, float[] x, float[] dy) {
        double[] dw = new double[o.k() * (o.c() / o.groups()) * o.r() * o.s()];
        forEachTap(o, (iy, ix, iw) -> dw[iw] += (double) dy[iy] * x[ix]);
        return dw;
    }

    /** The product of [rows, inner] and [inner, columns], each given by an index function. */
    public static double[] product(int rows, int inner, int columns, Element a, Element b) {
        double[] result = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                for (int k = 0; k < inner; k++) {
                    result[i * columns + j] += a.at(i, k) * b.at(k, j);
                }
            }
        }
        return result;
    }

    /** A matrix, by row and column. */
    @FunctionalInterface
    public interface Element {
        /** One element. */
        double at(int row, int column);
    }

    /** Mean and variance (over n, not n - 1) of each channel: {@code [2][c]}. */
    public static double[][] moments(BatchNorm o, float[] x) {
        double[] mean = new double[o.c()];
        double[] variance = new double[o.c()];
        double count = (double) o.n() * o.h() * o.w();
        for (int i = 0; i < x.length; i++) {
            mean[channel(o, i)] += x[i] / count;
        }
        for (int i = 0; i < x.length; i++) {
            variance[channel(o, i)] += Math.pow(x[i] - mean[channel(o, i)], 2) / count;
        }
        return new double[][] {mean, variance};
    }

    /** The channel of an element of x. */
    public static int channel(BatchNorm o, int index) {
        return index / (o.h() * o.w()) % o.c();
    }

    /** y = (x - mean) / sqrt(variance + 1e-5) * gamma + beta, channel by channel. */
    public static double[] batchNorm(
            BatchNorm o, float[] x, float[] gamma, float[] beta, double[] mean, double[] variance) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = channel(o, i);
            y[i] = (x[i] - mean[c]) / Math.sqrt(variance[c] + 1e-5) * gamma[c] + beta[c];
        }
        return y;
    }

    /** The gradients of x, gamma and beta (Ioffe and Szegedy 2015, section 3). */
    public static double[][] batchNormBackward(
            BatchNorm o, float[] x, float[] gamma, float[] dy, double[] mean, double[] variance) {
        double[] dgamma = new double[o.c()];
        double[] dbeta = new double[o.c()];
        double[] normal = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = channel(o, i);
            normal[i] = (x[i] - mean[c]) / Math.sqrt(variance[c] + 1e-5);
            dgamma[c] += dy[i] * normal[i];
            dbeta[c] += dy[i];
        }
        double count = (double) o.n() * o.h() * o.w();
        double[] dx = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = channel(o, i);
            double centred = o.training() ? dy[i] - dbeta[c] / count - normal[i] * dgamma[c] / count : dy[i];
            dx[i] = gamma[c] / Math.sqrt(variance[c] + 1e-5) * centred;
        }
        return new double[][] {dx, dgamma, dbeta};
    }

    /** The output of a pool and, for a given output gradient, the input's: {@code [2][]}. */
    public static double[][] pooling(Pooling o, float[] x, float[] dy) {
        double[] y = new double[o.n() * o.c() * o.outputHeight() * o.outputWidth()];
        double[] dx = new double[x.length];
        int out = 0;
        for (int plane = 0; plane < o.n() * o.c(); plane++) {
            for (int p = 0; p < o.outputHeight(); p++) {
                for (int q = 0; q < o.outputWidth(); q++, out++) {
                    pool(o, x, dy, y, dx, plane, p, q, out);
                }
            }
        }
        return new double[][] {y, dx};
    }

    private static void pool(
            Pooling o, float[] x, float[] dy, double[] y, double[] dx, int plane, int p, int q, int out) {
        int top = p * o.stride().height() - o.padding().height();
        int left = q * o.stride().width() - o.padding().width();
        int count = 0;
        int best = -1;
        double sum = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int r = 0; r < o.window().height(); r++) {
                for (int s = 0; s < o.window().width(); s++) {
                    int h = top + r * o.dilation().height();
                    int w = left + s * o.dilation().width();
                    boolean pixel = h >= 0 && h < o.h() && w >= 0 && w < o.w();
                    boolean padding = h < o.h() + o.padding().height()
                            && w < o.w() + o.padding().width();
                    int i = (plane * o.h() + h) * o.w() + w;
                    if (pass == 0) {
                        count += pixel || (padding && o.kind() == PoolingKind.PADDED_AVERAGE) ? 1 : 0;
                        sum += pixel ? x[i] : 0;
                        best = pixel && (best < 0 || x[i] > x[best]) ? i : best;
                    } else if (pixel && o.kind() != PoolingKind.MAX) {
                        dx[i] += dy[out] / (double) count;
                    } else if (i == best && pixel) {
                        dx[i] += dy[out];
                    }
                }
            }
        }
        y[out] = o.kind() == PoolingKind.MAX ? x[best] : sum / count;
    }

    /** The output of a pad with zeros and, for a given output gradient, the input's: {@code [2][]}. */
    public static double[][] pad(Pad o, float[] x, float[] dy) {
        double[] y = new double[o.n() * o.c() * o.outputHeight() * o.outputWidth()];
        double[] dx = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int plane = i / (o.h() * o.w());
            int row = i / o.w() % o.h() + o.before().height();
            int column = i % o.w() + o.before().width();
            int out = (plane * o.outputHeight() + row) * o.outputWidth() + column;
            y[out] = x[i];
            dx[i] = dy[out];
        }
        return new double[][] {y, dx};
    }

    /** The output of an index map and, for a given output gradient, the input's. */
    public static double[][] indexMap(IndexMap o, List<Integer> sources, float[] x, float[] dy) {
        double[] y = new double[dy.length];
        double[] dx = new double[x.length];
        int out = 0;
        for (int n = 0; n < o.n(); n++) {
            for (int k = 0; k < o.k(); k++) {
                for (int p = 0; p < o.outputHeight(); p++) {
                    for (int q = 0; q < o.outputWidth(); q++, out++) {
                        if (sources.get(k) >= 0) {
                            int h = p * o.stride().height();
                            int w = q * o.stride().width();
                            int i = ((n * o.c() + sources.get(k)) * o.h() + h) * o.w() + w;
                            y[out] = x[i];
                            dx[i] += dy[out];
                        }
                    }
                }
            }
        }
        return new double[][] {y, dx};
    }

    /** The mean loss (first) and the gradient of the logits behind it. */
    public static double[] softmaxLoss(int n, int classes, float[] logits, long[] labels) {
        double[] result = new double[1 + n * classes];
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int j = 0; j < classes; j++) {
                sum += Math.exp(logits[i * classes + j]);
            }
            for (int j = 0; j < classes; j++) {
                double probability = Math.exp(logits[i * classes + j]) / sum;
                result[1 + i * classes + j] = (probability - (labels[i] == j ? 1 : 0)) / n;
                result[0] -= labels[i] == j ? Math.log(probability) / n : 0;
            }
        }
        return result;
    }
}
