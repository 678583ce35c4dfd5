package org.secateur.models.onnx;

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
import org.secateur.results.core.Operation.PoolingKind;

/** A forward pass of one image in evaluation mode, in doubles, fast enough for the whole zoo on small images. */
final class Reference {
    private final ModelState state;
    private final Map<String, Shape> shapes;
    private final Map<String, double[]> values = new HashMap<>();

    private Reference(Network network, ModelState state) {
        this.state = state;
        shapes = Shapes.of(network);
    }

    /** The logits of an image, channel by channel. */
    static double[] logits(Network network, ModelState state, float[] image) {
        Reference reference = new Reference(network, state);
        double[] pixels = new double[image.length];
        for (int i = 0; i < image.length; i++) {
            pixels[i] = image[i];
        }
        reference.values.put(Network.INPUT, pixels);
        for (Node node : network.nodes()) {
            reference.values.put(node.name(), reference.output(node));
        }
        return reference.value(network.output().name());
    }

    private double[] value(String tensor) {
        return Objects.requireNonNull(values.get(tensor));
    }

    private Shape shape(String tensor) {
        return Shapes.require(shapes, tensor);
    }

    private double[] output(Node node) {
        double[] x = value(node.input());
        Shape in = shape(node.input());
        Shape out = shape(node.name());
        int pixels = out.height() * out.width();
        double[] y = new double[out.elements()];
        switch (node.layer()) {
            case Layer.Convolution l -> convolution(node.name(), l, x, in, y, out);
            case Layer.BatchNorm l -> {
                float[] gamma = state.parameter(node.name() + ".weight").data();
                float[] beta = state.parameter(node.name() + ".bias").data();
                float[] mean = state.buffer(node.name() + ".running_mean").data();
                float[] variance = state.buffer(node.name() + ".running_var").data();
                for (int i = 0; i < y.length; i++) {
                    int c = i / pixels;
                    y[i] = gamma[c] * (x[i] - mean[c]) / Math.sqrt(variance[c] + l.epsilon()) + beta[c];
                }
            }
            case Layer.Activation l -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = Math.min(l.kind().most(), Math.max(l.kind().least(), x[i]));
                }
            }
            case Layer.Pooling l -> pooling(l, x, in, y, out);
            case Layer.Pad l -> {
                for (int i = 0; i < y.length; i++) {
                    int row = i / out.width() % out.height() - l.before().height();
                    int column = i % out.width() - l.before().width();
                    boolean inside = row >= 0 && row < in.height() && column >= 0 && column < in.width();
                    y[i] = inside ? x[(i / pixels * in.height() + row) * in.width() + column] : l.value();
                }
            }
            case Layer.GlobalAveragePool l -> {
                int size = in.height() * in.width();
                for (int i = 0; i < x.length; i++) {
                    y[i / size] += x[i] / size;
                }
            }
            case Layer.Flatten l -> System.arraycopy(x, 0, y, 0, y.length);
            case Layer.Linear l -> {
                float[] weight = state.parameter(node.name() + ".weight").data();
                for (int o = 0; o < y.length; o++) {
                    y[o] = l.bias() ? state.parameter(node.name() + ".bias").data()[o] : 0;
                    for (int i = 0; i < x.length; i++) {
                        y[o] += weight[o * x.length + i] * x[i];
                    }
                }
            }
            case Layer.Add l -> {
                double[] second = value(node.inputs().get(1));
                for (int i = 0; i < y.length; i++) {
                    y[i] = x[i] + second[i];
                }
            }
            case Layer.Shift l -> {
                float[] shift = state.buffer(node.name() + ".shift").data();
                for (int i = 0; i < y.length; i++) {
                    y[i] = x[i] + shift[shift.length == y.length ? i : i / pixels];
                }
            }
            case Layer.Concat l -> concat(node.inputs(), y);
            case Layer.IndexMap l -> {
                for (int i = 0; i < y.length; i++) {
                    int source = l.sources().get(i / pixels);
                    int row = i / out.width() % out.height() * l.stride().height();
                    int column = i % out.width() * l.stride().width();
                    y[i] = source < 0 ? 0 : x[(source * in.height() + row) * in.width() + column];
                }
            }
        }
        return y;
    }

    private void concat(List<String> inputs, double[] y) {
        int offset = 0;
        for (String input : inputs) {
            double[] part = value(input);
            System.arraycopy(part, 0, y, offset, part.length);
            offset += part.length;
        }
    }

    private void convolution(String name, Layer.Convolution l, double[] x, Shape in, double[] y, Shape out) {
        float[] weight = state.parameter(name + ".weight").data();
        int perGroup = in.channels() / l.groups();
        int pixels = out.height() * out.width();
        int w = 0;
        for (int k = 0; k < out.channels(); k++) {
            double bias = l.bias() ? state.parameter(name + ".bias").data()[k] : 0;
            for (int i = 0; i < pixels; i++) {
                y[k * pixels + i] = bias;
            }
            int first = k / (out.channels() / l.groups()) * perGroup;
            for (int c = first; c < first + perGroup; c++) {
                for (int r = 0; r < l.kernel().height(); r++) {
                    for (int s = 0; s < l.kernel().width(); s++) {
                        addProducts(weight[w++], l, r, s, x, c, in, y, k, out);
                    }
                }
            }
        }
    }

    /** Adds one weight's products to one output channel. */
    private static void addProducts(
            double weight,
            Layer.Convolution l,
            int r,
            int s,
            double[] x,
            int c,
            Shape in,
            double[] y,
            int k,
            Shape out) {
        int left = s * l.dilation().width() - l.padding().width();
        int step = l.stride().width();
        for (int i = 0; i < out.height(); i++) {
            int row = i * l.stride().height()
                    + r * l.dilation().height()
                    - l.padding().height();
            if (row < 0 || row >= in.height()) {
                continue;
            }
            int source = (c * in.height() + row) * in.width();
            int target = (k * out.height() + i) * out.width();
            for (int j = 0; j < out.width(); j++) {
                int column = j * step + left;
                if (column >= 0 && column < in.width()) {
                    y[target + j] += weight * x[source + column];
                }
            }
        }
    }

    private static void pooling(Layer.Pooling l, double[] x, Shape in, double[] y, Shape out) {
        for (int i = 0; i < y.length; i++) {
            int c = i / (out.height() * out.width());
            int top = i / out.width() % out.height() * l.stride().height()
                    - l.padding().height();
            int left = i % out.width() * l.stride().width() - l.padding().width();
            double most = Double.NEGATIVE_INFINITY;
            double sum = 0;
            int count = 0;
            for (int r = 0; r < l.window().height(); r++) {
                for (int s = 0; s < l.window().width(); s++) {
                    int row = top + r * l.dilation().height();
                    int column = left + s * l.dilation().width();
                    boolean inside = row >= 0 && row < in.height() && column >= 0 && column < in.width();
                    double value = inside ? x[(c * in.height() + row) * in.width() + column] : 0;
                    most = inside ? Math.max(most, value) : most;
                    sum += value;
                    count += inside
                                    || (l.kind() == PoolingKind.PADDED_AVERAGE
                                            && row < in.height() + l.padding().height()
                                            && column < in.width() + l.padding().width())
                            ? 1
                            : 0;
                }
            }
            y[i] = l.kind() == PoolingKind.MAX ? most : sum / count;
        }
    }
}
