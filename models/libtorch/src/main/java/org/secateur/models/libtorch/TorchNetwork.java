package org.secateur.models.libtorch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.InPlace;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.profilers.libtorch.Autocast;
import org.secateur.profilers.libtorch.ChannelMap;
import org.secateur.profilers.libtorch.FlatParameters;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.profilers.libtorch.TorchOperations;
import org.secateur.results.core.Operation.PoolingKind;

/**
 * A network's numbers in libtorch, and the forward pass through its nodes by the very operations that the profiler
 * measures. Used by one thread; whoever makes it closes it.
 */
final class TorchNetwork implements AutoCloseable {
    /** A node at work: what it computes from which values, and which of them nobody reads afterwards. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Step(Call call, int[] inputs, int[] done) {}

    /** How a training pass normalises by the statistics of a batch, which also move the running ones. */
    interface BatchNorm {
        Tensor normalise(
                Tensor x,
                Tensor gamma,
                Tensor beta,
                Tensor runningMean,
                Tensor runningVariance,
                double momentum,
                double epsilon);
    }

    private interface Call {
        /** The result; without a way to normalise by the batch, as in evaluation mode. */
        Tensor apply(Tensor[] inputs, Optional<BatchNorm> training);
    }

    private final Network network;
    private final TensorFormat format;
    private final List<String> names = new ArrayList<>();
    private final FlatParameters parameters;
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final List<ChannelMap> maps = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final PointerScope scope;

    /** A network to be trained. */
    TorchNetwork(Network network, ModelState state, TensorFormat format) {
        this(network, state, format, true);
    }

    /** A network that only looks: it takes a third of the memory for its parameters, and has no momentum. */
    static TorchNetwork readOnly(Network network, ModelState state, TensorFormat format) {
        return new TorchNetwork(network, state, format, false);
    }

    private TorchNetwork(Network network, ModelState state, TensorFormat format, boolean trained) {
        this.network = network;
        this.format = format;
        Parameters.requireFit(network, state);
        List<Parameters.Tensor> tensors = Parameters.of(network);
        tensors.stream()
                .filter(t -> t.kind() == Parameters.Kind.TRAINED)
                .map(Parameters.Tensor::name)
                .forEach(names::add);
        List<long[]> shapes =
                names.stream().map(name -> shape(state.parameter(name))).toList();
        try (PointerScope opened = new PointerScope()) {
            parameters = trained ? new FlatParameters(shapes, format) : FlatParameters.readOnly(shapes, format);
            for (int i = 0; i < names.size(); i++) {
                HostTensors.fill(
                        parameters.parameter(i), state.parameter(names.get(i)).data());
                HostTensor momentum = state.momentum().get(names.get(i));
                if (trained && momentum != null) {
                    HostTensors.fill(parameters.momentum(i), momentum.data());
                }
            }
            for (Parameters.Tensor tensor : tensors) {
                if (tensor.kind() == Parameters.Kind.BUFFER) {
                    HostTensor buffer = state.buffer(tensor.name());
                    buffers.put(tensor.name(), format.arranged(HostTensors.of(buffer.data(), shape(buffer))));
                }
            }
            plan();
            scope = opened.extend();
        }
    }

    Network network() {
        return network;
    }

    TensorFormat format() {
        return format;
    }

    FlatParameters parameters() {
        return parameters;
    }

    /** The place of a parameter in {@link #parameters()}. */
    int index(String name) {
        int index = names.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("no parameter " + name + ": expected one of " + names);
        }
        return index;
    }

    /**
     * The logits {@code [n, classes]} in F32 of F32 images {@code [n, channels, height, width]} in the format's layout. What is
     * no longer read is let go at once, so that it lives on only where backward needs it.
     *
     * @param training batch norm uses the batch's statistics and moves the running ones
     */
    Tensor forward(Tensor images, boolean training, CallClock clock) {
        return forward(images, training ? Optional.of(TorchOperations::batchNormTraining) : Optional.empty(), clock);
    }

    /** The same in training mode with a way of its own to normalise by the batch. */
    Tensor forward(Tensor images, BatchNorm training, CallClock clock) {
        return forward(images, Optional.of(training), clock);
    }

    @SuppressWarnings("try") // autocast only has to be on
    private Tensor forward(Tensor images, Optional<BatchNorm> training, CallClock clock) {
        try (Autocast autocast = Autocast.of(format)) {
            return computed(images, training, clock);
        }
    }

    private Tensor computed(Tensor images, Optional<BatchNorm> training, CallClock clock) {
        @Nullable Tensor[] values = new Tensor[steps.size() + 1];
        values[0] = images;
        Tensor output = images;
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            Tensor[] inputs = new Tensor[step.inputs.length];
            for (int j = 0; j < inputs.length; j++) {
                inputs[j] = Objects.requireNonNull(values[step.inputs[j]]);
            }
            long start = clock.now();
            output = step.call.apply(inputs, training);
            clock.insideSince(start);
            for (int read : step.done) {
                Tensor value = values[read];
                values[read] = null;
                if (value != null && value.address() == output.address()) {
                    // What works in place returns a reference to its operand, which owns the memory.
                    output = value;
                } else if (value != null && read > 0) {
                    value.close();
                }
            }
            values[i + 1] = output;
        }
        long start = clock.now();
        Tensor logits = TorchOperations.single(flat(output));
        clock.insideSince(start);
        return logits;
    }

    /** Copies every number to the host, of a network that is trained. */
    ModelState state() {
        Map<String, HostTensor> values = new LinkedHashMap<>();
        Map<String, HostTensor> momenta = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            values.put(names.get(i), host(parameters.parameter(i)));
            momenta.put(names.get(i), host(parameters.momentum(i)));
        }
        Map<String, HostTensor> untrained = new LinkedHashMap<>();
        buffers.forEach((name, tensor) -> untrained.put(name, host(tensor)));
        return new ModelState(values, momenta, untrained);
    }

    /** A copy of the buffers, to be given back to {@link #restoreBuffers}. */
    List<float[]> copyBuffers() {
        return buffers.values().stream().map(HostTensors::floats).toList();
    }

    @SuppressWarnings("try") // the scopes only have to be open
    void restoreBuffers(List<float[]> copies) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            int i = 0;
            for (Tensor buffer : buffers.values()) {
                HostTensors.fill(buffer, copies.get(i++));
            }
        }
    }

    @Override
    public void close() {
        maps.forEach(ChannelMap::close);
        parameters.close();
        scope.close();
    }

    private static HostTensor host(Tensor tensor) {
        int[] shape = Arrays.stream(tensor.shape()).mapToInt(Math::toIntExact).toArray();
        return new HostTensor(shape, HostTensors.floats(tensor));
    }

    private static long[] shape(HostTensor tensor) {
        return Arrays.stream(tensor.shape()).asLongStream().toArray();
    }

    private void plan() {
        Map<String, Shape> shapes = Shapes.of(network);
        Map<String, Integer> places = new HashMap<>();
        places.put(Network.INPUT, 0);
        Map<Integer, Integer> lastReader = new HashMap<>();
        for (int i = 0; i < network.nodes().size(); i++) {
            for (String input : network.nodes().get(i).inputs()) {
                lastReader.put(Objects.requireNonNull(places.get(input)), i);
            }
            places.put(network.nodes().get(i).name(), i + 1);
        }
        for (int i = 0; i < network.nodes().size(); i++) {
            Node node = network.nodes().get(i);
            int reader = i;
            int[] inputs = node.inputs().stream()
                    .mapToInt(name -> Objects.requireNonNull(places.get(name)))
                    .toArray();
            int[] done = Arrays.stream(inputs)
                    .distinct()
                    .filter(p -> Objects.requireNonNull(lastReader.get(p)) == reader)
                    .toArray();
            steps.add(new Step(call(node, shapes), inputs, done));
        }
    }

    private Call call(Node node, Map<String, Shape> shapes) {
        return switch (node.layer()) {
            case Layer.Convolution c -> {
                Tensor weight = parameter(node, "weight");
                Tensor bias = c.bias() ? parameter(node, "bias") : null;
                yield (x, training) -> TorchOperations.convolution(
                        spatial(x[0]), weight, bias, c.stride(), c.padding(), c.dilation(), c.groups());
            }
            case Layer.BatchNorm b -> batchNorm(node, b);
            case Layer.Activation a ->
                InPlace.operand(network, node).isPresent()
                        ? (x, training) -> TorchOperations.activationInPlace(x[0], a.kind())
                        : (x, training) -> TorchOperations.activation(x[0], a.kind());
            case Layer.Pooling p ->
                p.kind() == PoolingKind.MAX
                        ? (x, training) -> TorchOperations.maxPool(
                                spatial(x[0]), p.window(), p.stride(), p.padding(), p.dilation(), p.ceil())
                        : (x, training) -> TorchOperations.averagePool(
                                spatial(x[0]),
                                p.window(),
                                p.stride(),
                                p.padding(),
                                p.ceil(),
                                p.kind() == PoolingKind.PADDED_AVERAGE);
            case Layer.Pad p -> (x, training) -> TorchOperations.pad(spatial(x[0]), p.before(), p.after(), p.value());
            case Layer.GlobalAveragePool p -> (x, training) -> TorchOperations.globalAveragePool(spatial(x[0]));
            case Layer.Flatten f -> (x, training) -> TorchOperations.flatten(x[0]);
            case Layer.Linear l -> {
                Tensor weight = parameter(node, "weight");
                Tensor bias = l.bias() ? parameter(node, "bias") : null;
                yield (x, training) -> TorchOperations.linear(flat(x[0]), weight, bias);
            }
            case Layer.Add a -> add(node);
            case Layer.Shift s -> {
                Tensor constants = buffer(node, "shift");
                yield InPlace.operand(network, node).isPresent()
                        ? (x, training) -> TorchOperations.shiftInPlace(spatial(x[0]), constants)
                        : (x, training) -> TorchOperations.shift(spatial(x[0]), constants);
            }
            case Layer.Concat c -> (x, training) -> TorchOperations.concat(alike(x));
            case Layer.IndexMap m -> {
                int channels = Shapes.require(shapes, node.input()).channels();
                ChannelMap map = new ChannelMap(m.sources(), channels, format);
                maps.add(map);
                yield (x, training) -> TorchOperations.indexMap(spatial(x[0]), map, m.stride());
            }
        };
    }

    private Call batchNorm(Node node, Layer.BatchNorm layer) {
        Tensor gamma = parameter(node, "weight");
        Tensor beta = parameter(node, "bias");
        Tensor mean = buffer(node, "running_mean");
        Tensor variance = buffer(node, "running_var");
        return (x, training) -> training.isPresent()
                ? training.get().normalise(x[0], gamma, beta, mean, variance, layer.momentum(), layer.epsilon())
                : TorchOperations.batchNormInference(x[0], gamma, beta, mean, variance, layer.epsilon());
    }

    private Call add(Node node) {
        OptionalInt overwritten = InPlace.operand(network, node);
        if (overwritten.isEmpty()) {
            return (x, training) -> {
                List<Tensor> terms = alike(x);
                return TorchOperations.add(terms.get(0), terms.get(1));
            };
        }
        int target = overwritten.getAsInt();
        return (x, training) -> {
            List<Tensor> terms = alike(x);
            return TorchOperations.addInPlace(terms.get(target), terms.get(1 - target));
        };
    }

    /** Vectors come as {@code [n, features]} from a linear or flatten, and as {@code [n, features, 1, 1]} otherwise. */
    private static Tensor flat(Tensor x) {
        return x.dim() == 2 ? x : TorchOperations.flatten(x);
    }

    private static Tensor spatial(Tensor x) {
        return x.dim() == 2 ? x.view(x.size(0), x.size(1), 1, 1) : x;
    }

    private static List<Tensor> alike(Tensor[] x) {
        boolean mixed = Arrays.stream(x).anyMatch(t -> t.dim() != x[0].dim());
        return mixed ? Arrays.stream(x).map(TorchNetwork::spatial).toList() : List.of(x);
    }

    private Tensor parameter(Node node, String name) {
        return parameters.parameter(index(node.name() + "." + name));
    }

    private Tensor buffer(Node node, String name) {
        Tensor tensor = buffers.get(node.name() + "." + name);
        if (tensor == null) {
            throw new IllegalArgumentException("no buffer " + name + " of node " + node.name());
        }
        return tensor;
    }
}
