package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.Operation.Operand;

/** The shrunk network as it grows, and where the constants go that it lost. */
final class Graft {
    private static final String SHIFT = ".shift";

    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, HostTensor> parameters;
    private final Map<String, HostTensor> momentum;
    private final Map<String, HostTensor> buffers;

    /** Starts from the selected tensors, which it then owns. */
    Graft(ModelState selected) {
        parameters = new LinkedHashMap<>(selected.parameters());
        momentum = selected.momentum();
        buffers = new LinkedHashMap<>(selected.buffers());
    }

    void add(Node node) {
        nodes.add(node);
        names.add(node.name());
    }

    ModelState state() {
        return new ModelState(parameters, momentum, buffers);
    }

    /**
     * Gives a node's output back what it lost.
     *
     * @param readers who read the node before the removal
     * @param shape of the output before the removal
     * @param loss by kept channel and pixel
     * @return the tensor that now stands for the output
     */
    String restore(Node node, List<Node> readers, Shape shape, double[][] loss) {
        if (isZero(loss)) {
            return node.name();
        }
        if (isUniform(loss) && readers.size() == 1 && readers.get(0).layer() instanceof Layer.BatchNorm) {
            String mean = readers.get(0).name() + ".running_mean";
            addTo(require(buffers, mean), loss, -1);
            return node.name();
        }
        HostTensor bias = parameters.get(node.name() + ".bias");
        if (isUniform(loss) && bias != null) {
            addTo(bias, loss, 1);
            return node.name();
        }
        String name = node.name() + ".offset";
        for (int i = 2; names.contains(name) || buffers.containsKey(name + SHIFT); i++) {
            name = node.name() + ".offset" + i;
        }
        return shift(name, node.name(), shape, loss);
    }

    /**
     * Appends a shift, unless it would add nothing.
     *
     * @param shape of the tensor before the removal
     * @param loss by kept channel and pixel
     * @return the tensor that stands for the sum
     */
    String shift(String name, String source, Shape shape, double[][] loss) {
        if (isZero(loss)) {
            return source;
        }
        boolean uniform = isUniform(loss);
        HostTensor shift =
                uniform ? HostTensor.zeros(loss.length) : HostTensor.zeros(loss.length, shape.height(), shape.width());
        addTo(shift, loss, 1);
        buffers.put(name + SHIFT, shift);
        add(new Node(name, new Layer.Shift(uniform ? Operand.CHANNEL : Operand.MAP), List.of(source)));
        return name;
    }

    /** The nodes, where a shift of a shift that nothing else reads has become one, under the later name. */
    List<Node> mergedNodes() {
        for (int i = 0; i < nodes.size(); i++) {
            Node outer = nodes.get(i);
            Node inner = find(outer.input());
            if (outer.layer() instanceof Layer.Shift
                    && inner != null
                    && inner.layer() instanceof Layer.Shift
                    && nodes.stream()
                                    .filter(n -> n.inputs().contains(inner.name()))
                                    .count()
                            == 1) {
                HostTensor sum = sum(require(buffers, inner.name() + SHIFT), require(buffers, outer.name() + SHIFT));
                buffers.remove(inner.name() + SHIFT);
                buffers.put(outer.name() + SHIFT, sum);
                Operand operand = sum.shape().length == 1 ? Operand.CHANNEL : Operand.MAP;
                nodes.set(i, new Node(outer.name(), new Layer.Shift(operand), inner.inputs()));
                nodes.remove(inner);
                i = -1;
            }
        }
        return nodes;
    }

    private @Nullable Node find(String name) {
        return nodes.stream().filter(n -> n.name().equals(name)).findFirst().orElse(null);
    }

    private static HostTensor sum(HostTensor a, HostTensor b) {
        boolean first = a.data().length >= b.data().length;
        HostTensor large = first ? a : b;
        HostTensor small = first ? b : a;
        HostTensor sum = large.copy();
        int repeat = large.data().length / small.data().length;
        for (int i = 0; i < sum.data().length; i++) {
            sum.data()[i] += small.data()[i / repeat];
        }
        return sum;
    }

    /** Adds to a vector the uniform value of each channel, to a map each pixel. */
    private static void addTo(HostTensor tensor, double[][] loss, int sign) {
        int pixels = tensor.data().length / loss.length;
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) (tensor.data()[i] + sign * loss[i / pixels][i % pixels]);
        }
    }

    private static boolean isZero(double[][] loss) {
        return Arrays.stream(loss).flatMapToDouble(Arrays::stream).allMatch(x -> x == 0);
    }

    private static boolean isUniform(double[][] loss) {
        return Arrays.stream(loss).allMatch(map -> Arrays.stream(map).allMatch(x -> x == map[0]));
    }

    private static HostTensor require(Map<String, HostTensor> tensors, String name) {
        HostTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("tensor " + name + " was not selected");
        }
        return tensor;
    }
}
