package org.secateur.models.libtorch;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/** The slow, obvious forward pass of a batch, in doubles, in training or evaluation mode. */
final class ReferenceNetwork {
    /** Values {@code [image][channel][row][column]}. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Values(int n, int c, int h, int w, double[] data) {
        static Values zeros(int n, Shape shape) {
            return new Values(n, shape.channels(), shape.height(), shape.width(), new double[n * shape.elements()]);
        }

        double at(int image, int channel, int row, int column) {
            boolean inside = row >= 0 && row < h && column >= 0 && column < w;
            return inside ? data[((image * c + channel) * h + row) * w + column] : 0;
        }

        Values fill(Element element) {
            int i = 0;
            for (int image = 0; image < n; image++) {
                for (int channel = 0; channel < c; channel++) {
                    for (int row = 0; row < h; row++) {
                        for (int column = 0; column < w; column++) {
                            data[i++] = element.at(image, channel, row, column);
                        }
                    }
                }
            }
            return this;
        }
    }

    private interface Element {
        double at(int image, int channel, int row, int column);
    }

    private final Network network;
    private final Map<String, Shape> shapes;
    private final Map<String, double[]> numbers = new HashMap<>();

    ReferenceNetwork(Network network, ModelState state) {
        this.network = network;
        shapes = Shapes.of(network);
        state.parameters().forEach((name, tensor) -> numbers.put(name, doubles(tensor.data())));
        state.buffers().forEach((name, tensor) -> numbers.put(name, doubles(tensor.data())));
    }

    /** A tensor's values, to be read or changed. */
    double[] number(String name) {
        return Objects.requireNonNull(numbers.get(name));
    }

    /** The mean cross entropy. */
    double loss(float[] images, long[] labels, boolean training) {
        double[] logits = logits(images, training);
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            double[] scores = Arrays.copyOfRange(logits, i * network.classes(), (i + 1) * network.classes());
            double total = Arrays.stream(scores).map(Math::exp).sum();
            sum += Math.log(total) - scores[(int) labels[i]];
        }
        return sum / labels.length;
    }

    double[] logits(float[] images, boolean training) {
        int n = images.length / network.input().elements();
        Map<String, Values> values = new HashMap<>();
        values.put(
                Network.INPUT,
                new Values(
                        n,
                        network.input().channels(),
                        network.input().height(),
                        network.input().width(),
                        doubles(images)));
        for (Node node : network.nodes()) {
            List<Values> inputs = node.inputs().stream()
                    .map(name -> Objects.requireNonNull(values.get(name)))
                    .toList();
            values.put(
                    node.name(), compute(node, inputs, Values.zeros(n, Shapes.require(shapes, node.name())), training));
        }
        return Objects.requireNonNull(values.get(network.output().name())).data();
    }

    private Values compute(Node node, List<Values> inputs, Values out, boolean training) {
        Values x = inputs.get(0);
        return switch (node.layer()) {
            case Layer.Convolution l -> convolution(node.name(), l, x, out);
            case Layer.BatchNorm l -> batchNorm(node.name(), l, x, out, training);
            case Layer.Activation l -> out.fill((n, c, i, j) -> l.kind().of(x.at(n, c, i, j)));
            case Layer.Pad l ->
                out.fill((n, c, i, j) -> {
                    int row = i - l.before().height();
                    int column = j - l.before().width();
                    boolean inside = row >= 0 && row < x.h() && column >= 0 && column < x.w();
                    return inside ? x.at(n, c, row, column) : l.value();
                });
            case Layer.Pooling l -> pooling(l, x, out);
            case Layer.GlobalAveragePool l -> out.fill((n, c, i, j) -> mean(x, n, c));
            case Layer.Flatten l -> new Values(out.n(), out.c(), out.h(), out.w(), x.data());
            case Layer.Linear l -> linear(node.name(), l, x, out);
            case Layer.Add l ->
                out.fill((n, c, i, j) -> x.at(n, c, i, j) + inputs.get(1).at(n, c, i, j));
            case Layer.Shift l -> {
                double[] shift = number(node.name() + ".shift");
                yield out.fill((n, c, i, j) ->
                        x.at(n, c, i, j) + shift[l.operand() == Operand.MAP ? (c * out.h() + i) * out.w() + j : c]);
            }
            case Layer.Concat l ->
                out.fill((n, c, i, j) -> {
                    int channel = c;
                    int input = 0;
                    while (channel >= inputs.get(input).c()) {
                        channel -= inputs.get(input++).c();
                    }
                    return inputs.get(input).at(n, channel, i, j);
                });
            case Layer.IndexMap l ->
                out.fill((n, c, i, j) -> {
                    int source = l.sources().get(c);
                    return source < 0
                            ? 0
                            : x.at(
                                    n,
                                    source,
                                    i * l.stride().height(),
                                    j * l.stride().width());
                });
        };
    }

    private Values convolution(String name, Layer.Convolution l, Values x, Values out) {
        double[] weight = number(name + ".weight");
        int perGroup = x.c() / l.groups();
        int r = l.kernel().height();
        int s = l.kernel().width();
        return out.fill((n, k, i, j) -> {
            double sum = l.bias() ? number(name + ".bias")[k] : 0;
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
                        sum += weight[((k * perGroup + c) * r + a) * s + b] * x.at(n, first + c, row, column);
                    }
                }
            }
            return sum;
        });
    }

    private Values batchNorm(String name, Layer.BatchNorm l, Values x, Values out, boolean training) {
        double[] gamma = number(name + ".weight");
        double[] beta = number(name + ".bias");
        double[] mean = number(name + ".running_mean").clone();
        double[] variance = number(name + ".running_var").clone();
        if (training) {
            double count = (double) x.n() * x.h() * x.w();
            Arrays.fill(mean, 0);
            Arrays.fill(variance, 0);
            out.fill((n, c, i, j) -> mean[c] += x.at(n, c, i, j) / count);
            out.fill((n, c, i, j) -> variance[c] += Math.pow(x.at(n, c, i, j) - mean[c], 2) / count);
        }
        return out.fill((n, c, i, j) ->
                gamma[c] * (x.at(n, c, i, j) - mean[c]) / Math.sqrt(variance[c] + l.epsilon()) + beta[c]);
    }

    /** With padding only where it is counted, as the tests need it. */
    private static Values pooling(Layer.Pooling l, Values x, Values out) {
        return out.fill((n, c, i, j) -> {
            double most = Double.NEGATIVE_INFINITY;
            double sum = 0;
            for (int a = 0; a < l.window().height(); a++) {
                for (int b = 0; b < l.window().width(); b++) {
                    int row = i * l.stride().height()
                            + a * l.dilation().height()
                            - l.padding().height();
                    int column = j * l.stride().width()
                            + b * l.dilation().width()
                            - l.padding().width();
                    double value = x.at(n, c, row, column);
                    most = Math.max(most, value);
                    sum += value;
                }
            }
            int pixels = l.window().height() * l.window().width();
            return l.kind() == PoolingKind.MAX ? most : sum / pixels;
        });
    }

    private static double mean(Values x, int n, int c) {
        double sum = 0;
        for (int i = 0; i < x.h(); i++) {
            for (int j = 0; j < x.w(); j++) {
                sum += x.at(n, c, i, j);
            }
        }
        return sum / (x.h() * x.w());
    }

    private Values linear(String name, Layer.Linear l, Values x, Values out) {
        double[] weight = number(name + ".weight");
        return out.fill((n, k, i, j) -> {
            double sum = l.bias() ? number(name + ".bias")[k] : 0;
            for (int c = 0; c < x.c(); c++) {
                sum += weight[k * x.c() + c] * x.at(n, c, 0, 0);
            }
            return sum;
        });
    }

    private static double[] doubles(float[] values) {
        double[] result = new double[values.length];
        Arrays.setAll(result, i -> values[i]);
        return result;
    }
}
