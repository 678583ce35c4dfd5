package org.secateur.models.core.graph;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.secateur.results.core.Operation.Operand;

/**
 * What removed channels and dead branches still emit in evaluation, followed exactly through the network.
 *
 * <p>A removed channel is constant: where its producer's filter is all zero it emits the bias, then what batch norm makes
 * of it, and so on (maps of pixels where padding or shifts make them differ); where the filter is not zero, the channel
 * is defined as masked to zero after the producer's batch norm, or at the producer where none follows. An index map's
 * output that is removed while its source stays is masked to zero too.
 */
final class ConstantChannels {
    private static final double[] VARIES = {};

    private final Network network;
    private final ModelState state;
    private final Kept kept;
    private final Map<String, Shape> shapes;
    /** By tensor and channel the constant map of its pixels, or {@link #VARIES}. */
    private final Map<String, double[][]> values = new HashMap<>();
    /** By node what its output loses with the removed inputs, by channel and pixel. */
    private final Map<String, double[][]> losses = new HashMap<>();
    /** Channels that are masked to zero behind a batch norm. */
    private final Map<String, Set<Integer>> masked = new HashMap<>();

    ConstantChannels(Network network, ModelState state, Kept kept) {
        this.network = network;
        this.state = state;
        this.kept = kept;
        shapes = Shapes.of(network);
        double[][] image = new double[network.input().channels()][];
        Arrays.fill(image, VARIES);
        values.put(Network.INPUT, image);
        for (Node node : network.nodes()) {
            values.put(node.name(), evaluate(node));
        }
    }

    /** What must be added to the kept channels of {@code node}'s output, by kept channel and pixel. */
    double[][] loss(String node) {
        double[][] all = kept.losesBranch(node) ? branchOutput(node) : losses.getOrDefault(node, new double[0][]);
        return all.length == 0
                ? all
                : Arrays.stream(kept.features(node)).mapToObj(k -> all[k]).toArray(double[][]::new);
    }

    private double[][] branchOutput(String add) {
        String end = kept.lostBranch(add).end();
        double[][] output = value(end);
        for (int channel : kept.features(end)) {
            if (output[channel].length == 0) {
                throw new IllegalStateException("dead branch " + end + " is not constant in channel " + channel);
            }
        }
        return output;
    }

    private double[][] evaluate(Node node) {
        double[][] in = value(node.input());
        Shape from = shape(node.input());
        return switch (node.layer()) {
            case Layer.Convolution l -> weighted(node, l, in, from);
            case Layer.Linear l -> weighted(node, ConstantMaps.pointwise(l), in, from);
            case Layer.BatchNorm l -> batchNorm(node, l, in);
            case Layer.Activation l ->
                each(in, map -> Arrays.stream(map).map(x -> l.kind().of(x)).toArray());
            case Layer.Pooling l -> each(in, map -> ConstantMaps.pool(l, map, from, shape(node.name())));
            case Layer.Pad l -> each(in, map -> ConstantMaps.pad(l, map, from, shape(node.name())));
            case Layer.GlobalAveragePool l ->
                each(in, map -> new double[] {Arrays.stream(map).average().orElseThrow()});
            case Layer.Flatten l -> flatten(in, from);
            case Layer.Add l -> add(in, value(node.inputs().get(1)));
            case Layer.Shift l -> shift(node, l, in);
            case Layer.IndexMap l -> indexMap(node, l, in, from);
            case Layer.Concat l ->
                node.inputs().stream().map(this::value).flatMap(Arrays::stream).toArray(double[][]::new);
        };
    }

    private double[][] weighted(Node node, Layer.Convolution l, double[][] in, Shape from) {
        Shape to = shape(node.name());
        boolean[] stays = kept.stays(node.name(), to.channels());
        boolean[] inputStays = kept.stays(node.input(), in.length);
        boolean depthwise = l.depthwise(in.length);
        HostTensor weight = state.parameter(node.name() + ".weight");
        int inputs = in.length / l.groups();
        double[][] out = new double[to.channels()][];
        double[][] loss = new double[to.channels()][to.height() * to.width()];
        for (int k = 0; k < out.length; k++) {
            double bias = l.bias() ? state.parameter(node.name() + ".bias").data()[k] : 0;
            double[] sum = new double[to.height() * to.width()];
            if (stays[k] || depthwise) {
                int first = k / (out.length / l.groups()) * inputs;
                boolean constant = true;
                for (int c = 0; c < inputs; c++) {
                    double[] map = in[first + c];
                    boolean lost = stays[k] && !inputStays[first + c];
                    constant &= map.length > 0;
                    if (map.length > 0) {
                        ConstantMaps.convolve(l, weight, k, c, map, from, to, lost ? loss[k] : sum);
                    }
                }
                for (int p = 0; p < sum.length; p++) {
                    sum[p] += bias + loss[k][p];
                }
                out[k] = constant ? sum : VARIES;
            } else {
                boolean live = ConstantMaps.live(weight, k);
                if (live) {
                    mask(node, k);
                } else {
                    Arrays.fill(sum, bias);
                }
                out[k] = sum;
            }
        }
        keep(node, loss);
        return out;
    }

    private void keep(Node node, double[][] loss) {
        if (Arrays.stream(loss).flatMapToDouble(Arrays::stream).anyMatch(x -> x != 0)) {
            losses.put(node.name(), loss);
        }
    }

    /** Masks a live channel behind the batch norm that follows the producer, if one does. */
    private void mask(Node producer, int channel) {
        Node at = producer;
        List<Node> readers = network.consumers(at.name());
        while (readers.size() == 1 && readers.get(0).layer() instanceof Layer.Shift) {
            at = readers.get(0);
            readers = network.consumers(at.name());
        }
        if (readers.size() == 1 && readers.get(0).layer() instanceof Layer.BatchNorm) {
            masked.computeIfAbsent(readers.get(0).name(), n -> new HashSet<>()).add(channel);
        }
    }

    private double[][] batchNorm(Node node, Layer.BatchNorm l, double[][] in) {
        float[] gamma = state.parameter(node.name() + ".weight").data();
        float[] beta = state.parameter(node.name() + ".bias").data();
        float[] mean = state.buffer(node.name() + ".running_mean").data();
        float[] variance = state.buffer(node.name() + ".running_var").data();
        Set<Integer> zero = masked.getOrDefault(node.name(), Set.of());
        double[][] out = new double[in.length][];
        for (int c = 0; c < in.length; c++) {
            double scale = gamma[c] / Math.sqrt(variance[c] + l.epsilon());
            double shift = beta[c] - scale * mean[c];
            out[c] = zero.contains(c)
                    ? new double[in[c].length]
                    : Arrays.stream(in[c]).map(x -> scale * x + shift).toArray();
        }
        return out;
    }

    private double[][] shift(Node node, Layer.Shift l, double[][] in) {
        float[] shift = state.buffer(node.name() + ".shift").data();
        double[][] out = new double[in.length][];
        for (int c = 0; c < in.length; c++) {
            out[c] = in[c].clone();
            for (int p = 0; p < out[c].length; p++) {
                out[c][p] += shift[l.operand() == Operand.MAP ? c * out[c].length + p : c];
            }
        }
        return out;
    }

    private double[][] indexMap(Node node, Layer.IndexMap l, double[][] in, Shape from) {
        Shape to = shape(node.name());
        boolean[] stays = kept.stays(node.name(), to.channels());
        boolean[] inputStays = kept.stays(node.input(), in.length);
        double[][] out = new double[to.channels()][];
        double[][] loss = new double[to.channels()][to.height() * to.width()];
        for (int j = 0; j < out.length; j++) {
            int source = l.sources().get(j);
            if (source == Layer.IndexMap.ZERO || (!stays[j] && inputStays[source])) {
                out[j] = new double[to.height() * to.width()];
            } else if (in[source].length == 0) {
                out[j] = VARIES;
            } else {
                out[j] = ConstantMaps.sample(l.stride(), in[source], from, to);
                if (!inputStays[source]) {
                    loss[j] = out[j];
                }
            }
        }
        keep(node, loss);
        return out;
    }

    private static double[][] add(double[][] a, double[][] b) {
        double[][] out = new double[a.length][];
        for (int c = 0; c < a.length; c++) {
            if (a[c].length == 0 || b[c].length == 0) {
                out[c] = VARIES;
            } else {
                out[c] = a[c].clone();
                for (int p = 0; p < out[c].length; p++) {
                    out[c][p] += b[c][p];
                }
            }
        }
        return out;
    }

    private static double[][] flatten(double[][] in, Shape from) {
        int pixels = from.height() * from.width();
        double[][] out = new double[from.elements()][];
        for (int feature = 0; feature < out.length; feature++) {
            double[] map = in[feature / pixels];
            out[feature] = map.length == 0 ? VARIES : new double[] {map[feature % pixels]};
        }
        return out;
    }

    private static double[][] each(double[][] in, UnaryOperator<double[]> function) {
        return Arrays.stream(in)
                .map(map -> map.length == 0 ? VARIES : function.apply(map))
                .toArray(double[][]::new);
    }

    private double[][] value(String tensor) {
        double[][] value = values.get(tensor);
        if (value == null) {
            throw new IllegalStateException("tensor " + tensor + " is read before it is evaluated");
        }
        return value;
    }

    private Shape shape(String tensor) {
        return Shapes.require(shapes, tensor);
    }
}
