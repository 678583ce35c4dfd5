package org.secateur.models.core.graph;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/** The slow, obvious forward pass of one image in evaluation mode, in doubles, indexed [channel][row][column]. */
final class ReferenceForward {
    private final ModelState state;
    private final Map<String, double[][][]> tensors = new HashMap<>();

    private ReferenceForward(ModelState state) {
        this.state = state;
    }

    /** The logits. */
    static double[] logits(Network network, ModelState state, double[][][] image) {
        ReferenceForward forward = new ReferenceForward(state);
        forward.tensors.put(Network.INPUT, image);
        for (Node node : network.nodes()) {
            List<double[][][]> inputs =
                    node.inputs().stream().map(forward.tensors::get).toList();
            forward.tensors.put(node.name(), forward.layer(node.name(), node.layer(), inputs));
        }
        double[][][] output =
                Objects.requireNonNull(forward.tensors.get(network.output().name()));
        double[] logits = new double[output.length];
        for (int c = 0; c < logits.length; c++) {
            logits[c] = output[c][0][0];
        }
        return logits;
    }

    private double[][][] layer(String name, Layer layer, List<double[][][]> inputs) {
        double[][][] x = inputs.get(0);
        return switch (layer) {
            case Layer.Convolution l -> convolution(name, l, x);
            case Layer.BatchNorm l -> {
                float[] gamma = state.parameter(name + ".weight").data();
                float[] beta = state.parameter(name + ".bias").data();
                float[] mean = state.buffer(name + ".running_mean").data();
                float[] variance = state.buffer(name + ".running_var").data();
                yield fill(
                        x.length,
                        x[0].length,
                        x[0][0].length,
                        (c, i, j) ->
                                gamma[c] * (x[c][i][j] - mean[c]) / Math.sqrt(variance[c] + l.epsilon()) + beta[c]);
            }
            case Layer.Activation l ->
                fill(
                        x.length,
                        x[0].length,
                        x[0][0].length,
                        (c, i, j) -> Math.min(l.kind().most(), Math.max(l.kind().least(), x[c][i][j])));
            case Layer.Pad l -> {
                int top = l.before().height();
                int left = l.before().width();
                int h = x[0].length;
                int w = x[0][0].length;
                yield fill(
                        x.length,
                        top + h + l.after().height(),
                        left + w + l.after().width(),
                        (c, i, j) -> i < top || i >= top + h || j < left || j >= left + w
                                ? l.value()
                                : x[c][i - top][j - left]);
            }
            case Layer.Pooling l -> pooling(l, x);
            case Layer.GlobalAveragePool l ->
                fill(x.length, 1, 1, (c, i, j) -> {
                    double sum = 0;
                    for (double[] row : x[c]) {
                        for (double value : row) {
                            sum += value;
                        }
                    }
                    return sum / (x[c].length * x[c][0].length);
                });
            case Layer.Flatten l -> {
                int h = x[0].length;
                int w = x[0][0].length;
                yield fill(x.length * h * w, 1, 1, (f, i, j) -> x[f / (h * w)][f / w % h][f % w]);
            }
            case Layer.Linear l -> {
                float[] weight = state.parameter(name + ".weight").data();
                yield fill(l.outputs(), 1, 1, (o, i, j) -> {
                    double sum = l.bias() ? state.parameter(name + ".bias").data()[o] : 0;
                    for (int c = 0; c < x.length; c++) {
                        sum += weight[o * x.length + c] * x[c][0][0];
                    }
                    return sum;
                });
            }
            case Layer.Add l -> {
                double[][][] y = inputs.get(1);
                yield fill(x.length, x[0].length, x[0][0].length, (c, i, j) -> x[c][i][j] + y[c][i][j]);
            }
            case Layer.Shift l -> {
                float[] shift = state.buffer(name + ".shift").data();
                int h = x[0].length;
                int w = x[0][0].length;
                yield fill(
                        x.length,
                        h,
                        w,
                        (c, i, j) -> x[c][i][j] + shift[l.operand() == Operand.MAP ? (c * h + i) * w + j : c]);
            }
            case Layer.Concat l -> {
                double[][][] all = inputs.stream().flatMap(Arrays::stream).toArray(double[][][]::new);
                yield all;
            }
            case Layer.IndexMap l -> {
                int dy = l.stride().height();
                int dx = l.stride().width();
                yield fill(
                        l.sources().size(),
                        (x[0].length + dy - 1) / dy,
                        (x[0][0].length + dx - 1) / dx,
                        (c, i, j) -> l.sources().get(c) < 0 ? 0 : x[l.sources().get(c)][i * dy][j * dx]);
            }
        };
    }

    private double[][][] convolution(String name, Layer.Convolution l, double[][][] x) {
        float[] weight = state.parameter(name + ".weight").data();
        int r = l.kernel().height();
        int s = l.kernel().width();
        int perGroup = x.length / l.groups();
        int h = (x[0].length + 2 * l.padding().height() - l.dilation().height() * (r - 1) - 1)
                        / l.stride().height()
                + 1;
        int w = (x[0][0].length + 2 * l.padding().width() - l.dilation().width() * (s - 1) - 1)
                        / l.stride().width()
                + 1;
        return fill(l.outputs(), h, w, (k, i, j) -> {
            double sum = l.bias() ? state.parameter(name + ".bias").data()[k] : 0;
            int first = k / (l.outputs() / l.groups()) * perGroup;
            for (int c = 0; c < perGroup; c++) {
                for (int a = 0; a < r; a++) {
                    for (int b = 0; b < s; b++) {
                        int row = i * l.stride().height()
                                + a * l.dilation().height()
                                - l.padding().height();
                        int column = j * l.stride().width()
                                + b * l.dilation().width()
                                - l.padding().width();
                        if (row >= 0 && row < x[0].length && column >= 0 && column < x[0][0].length) {
                            sum += weight[((k * perGroup + c) * r + a) * s + b] * x[first + c][row][column];
                        }
                    }
                }
            }
            return sum;
        });
    }

    private static double[][][] pooling(Layer.Pooling l, double[][][] x) {
        int h = positions(
                x[0].length,
                l.dilation().height() * (l.window().height() - 1) + 1,
                l.stride().height(),
                l.padding().height(),
                l.ceil());
        int w = positions(
                x[0][0].length,
                l.dilation().width() * (l.window().width() - 1) + 1,
                l.stride().width(),
                l.padding().width(),
                l.ceil());
        return fill(x.length, h, w, (c, i, j) -> {
            double most = Double.NEGATIVE_INFINITY;
            double sum = 0;
            int count = 0;
            for (int a = 0; a < l.window().height(); a++) {
                for (int b = 0; b < l.window().width(); b++) {
                    int row = i * l.stride().height()
                            + a * l.dilation().height()
                            - l.padding().height();
                    int column = j * l.stride().width()
                            + b * l.dilation().width()
                            - l.padding().width();
                    boolean padding = row < x[0].length + l.padding().height()
                            && column < x[0][0].length + l.padding().width();
                    count += l.kind() == PoolingKind.PADDED_AVERAGE && padding ? 1 : 0;
                    if (row >= 0 && row < x[0].length && column >= 0 && column < x[0][0].length) {
                        most = Math.max(most, x[c][row][column]);
                        sum += x[c][row][column];
                        count += l.kind() == PoolingKind.AVERAGE ? 1 : 0;
                    }
                }
            }
            return l.kind() == PoolingKind.MAX ? most : sum / count;
        });
    }

    /** Counts the windows one by one. */
    private static int positions(int size, int window, int stride, int padding, boolean ceil) {
        int count = 0;
        for (int first = -padding; first < size; first += stride) {
            boolean whole = first + window <= size + padding;
            boolean over = ceil && first < size && first + window - stride < size + padding;
            count += whole || over ? 1 : 0;
        }
        return count;
    }

    private interface Element {
        double at(int channel, int row, int column);
    }

    private static double[][][] fill(int channels, int height, int width, Element element) {
        double[][][] out = new double[channels][height][width];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < height; i++) {
                for (int j = 0; j < width; j++) {
                    out[c][i][j] = element.at(c, i, j);
                }
            }
        }
        return out;
    }
}
