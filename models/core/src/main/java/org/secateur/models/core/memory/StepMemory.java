package org.secateur.models.core.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.secateur.models.core.graph.InPlace;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.PoolingKind;

/**
 * Goes through one training step of libtorch on the CPU and counts the bytes of the tensors between the layers. What
 * each operation keeps for its backward pass is what PyTorch's {@code derivatives.yaml} says; a node's backward pass
 * frees what was kept for it, then hands on the gradients of its inputs, of which the second of a tensor is added to the
 * first in place where nothing else holds that. With BF16 it is autocast's step: convolutions and linear layers read copies of
 * their weights, which are kept, and all activations are BF16.
 */
final class StepMemory {
    /** Channels of a block in oneDNN's layouts with AVX2; with AVX-512 it is 16, which most widths are multiples of. */
    private static final int BLOCK = 8;
    /** Bytes of the place of a largest value. */
    private static final long INDEX = 8;

    /** What is alive at once, in bytes. */
    record Moment(long activations, long gradients, long workspace) {
        long total() {
            return activations + gradients + workspace;
        }
    }

    /** Memory that tensors share; it lives while one of them does. */
    private static final class Storage {
        private final long bytes;
        private final boolean gradient;
        private int holders;

        Storage(long bytes, boolean gradient) {
            this.bytes = bytes;
            this.gradient = gradient;
        }
    }

    /**
     * A gradient on its way to a node.
     *
     * @param part whether it is only some channels of its memory
     */
    private record Gradient(Storage storage, boolean part) {
        /** Whether another may be added in its place. */
        boolean own() {
            return !part && storage.holders == 1;
        }
    }

    private final Network network;
    private final int batch;
    private final DataType dataType;
    private final Layout layout;
    private final Map<String, Shape> shapes;
    /** Tensors that depend on a trained parameter. */
    private final Set<String> trained = new HashSet<>();

    private final Map<String, Node> lastReaders = new HashMap<>();
    private final Map<String, Storage> values = new HashMap<>();
    private final Map<String, List<Storage>> kept = new HashMap<>();
    private final Map<String, Gradient> gradients = new HashMap<>();
    private long activationBytes;
    private long gradientBytes;
    private Moment fullest = new Moment(0, 0, 0);

    StepMemory(Network network, int batch, DataType dataType, Layout layout) {
        this.network = network;
        this.batch = batch;
        this.dataType = dataType;
        this.layout = layout;
        shapes = Shapes.of(network);
        for (Node node : network.nodes()) {
            boolean own = parameters(node) > 0;
            if (own || node.inputs().stream().anyMatch(trained::contains)) {
                trained.add(node.name());
            }
            node.inputs().forEach(input -> lastReaders.put(input, node));
        }
        Storage images = new Storage(0, false); // counted as the batch
        values.put(Network.INPUT, images);
        hold(images);
    }

    /** The moment with the most bytes. Called once. */
    Moment fullest() {
        List<Node> nodes = network.nodes();
        nodes.forEach(this::forward);
        loss();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            backward(nodes.get(i));
        }
        return fullest;
    }

    private void forward(Node node) {
        OptionalInt overwritten = InPlace.operand(network, node);
        Storage input = value(node.input());
        Storage output = overwritten.isPresent()
                ? value(node.inputs().get(overwritten.getAsInt()))
                : node.layer() instanceof Layer.Flatten ? input : new Storage(bytes(node.name()), false);
        hold(output);
        values.put(node.name(), output);
        if (trained.contains(node.name())) {
            kept.put(node.name(), keep(node, input, output, overwritten.isPresent()));
        }
        moment(node.layer() instanceof Layer.Convolution ? converted(blockedInput(node), node.name()) : 0);
        node.inputs().stream()
                .distinct()
                .filter(read -> node.equals(lastReaders.get(read)))
                .forEach(read -> release(value(read)));
    }

    /**
     * What the backward pass of a node needs of its operands and result. An activation with other bounds than ReLU's needs
     * its operand, of which it keeps a copy where it overwrites it.
     */
    private List<Storage> keep(Node node, Storage input, Storage output, boolean inPlace) {
        List<Storage> needed = new ArrayList<>();
        switch (node.layer()) {
            case Layer.Convolution l -> needed.addAll(read(node, input));
            case Layer.Linear l -> needed.addAll(read(node, input));
            case Layer.BatchNorm l -> needed.add(input);
            case Layer.Activation l ->
                needed.add(
                        l.kind().equals(ActivationKind.RELU)
                                ? output
                                : inPlace ? new Storage(input.bytes, false) : input);
            case Layer.Pooling l -> {
                if (l.kind() == PoolingKind.MAX) {
                    needed.add(new Storage(numbers(node.name()) * INDEX, false));
                }
                if (l.kind() == PoolingKind.MAX || !global(node, l)) {
                    needed.add(input);
                }
            }
            case Layer.GlobalAveragePool l -> {}
            case Layer.Flatten l -> {}
            case Layer.Add l -> {}
            case Layer.Shift l -> {}
            case Layer.Concat l -> {}
            case Layer.IndexMap l -> {}
            case Layer.Pad l -> {}
        }
        needed.forEach(this::hold);
        return needed;
    }

    /** The operand of a convolution or a linear layer; of BF16 the images' copy, and always that of the weights. */
    private List<Storage> read(Node node, Storage input) {
        if (dataType == DataType.F32) {
            return List.of(input);
        }
        Storage operand = node.input().equals(Network.INPUT) ? new Storage(bytes(Network.INPUT), false) : input;
        return List.of(operand, new Storage(numberBytes() * parameters(node), false));
    }

    /** A window that is the image is a mean, which needs nothing. */
    private boolean global(Node node, Layer.Pooling l) {
        Shape in = shape(node.input());
        return l.window().height() == in.height()
                && l.window().width() == in.width()
                && l.padding().height() == 0
                && l.padding().width() == 0;
    }

    /** The logarithms of the probabilities are kept, the logits are looked at when the step is over. */
    private void loss() {
        String logits = network.output().name();
        long single = TrainingMemory.FLOAT * numbers(logits);
        hold(new Storage(dataType == DataType.F32 ? single : 2 * single, false)); // in BF16 they are cast before
        gradients.put(logits, fresh(logits));
        moment(0);
    }

    private void backward(Node node) {
        Gradient incoming = gradients.remove(node.name());
        Map<String, Gradient> outgoing = new LinkedHashMap<>();
        if (incoming != null) {
            switch (node.layer()) {
                case Layer.Convolution l -> convolution(node, incoming, outgoing);
                case Layer.Linear l -> {
                    outward(node.input(), outgoing);
                    moment(TrainingMemory.FLOAT * parameters(node));
                }
                case Layer.BatchNorm l -> outward(node.input(), outgoing);
                case Layer.Activation l -> outward(node.input(), outgoing);
                case Layer.Pooling l -> outward(node.input(), outgoing);
                case Layer.GlobalAveragePool l -> outward(node.input(), outgoing);
                case Layer.IndexMap l -> outward(node.input(), outgoing);
                case Layer.Pad l -> outward(node.input(), outgoing);
                case Layer.Flatten l -> share(node, incoming, incoming.part(), outgoing);
                case Layer.Add l -> share(node, incoming, incoming.part(), outgoing);
                case Layer.Shift l -> share(node, incoming, incoming.part(), outgoing);
                case Layer.Concat l -> share(node, incoming, true, outgoing);
            }
            moment(0);
            release(incoming.storage());
        }
        kept.getOrDefault(node.name(), List.of()).forEach(this::release);
        outgoing.forEach(this::contribute);
    }

    /** By the input, then by the weights, each on operands in oneDNN's layout. */
    private void convolution(Node node, Gradient incoming, Map<String, Gradient> outgoing) {
        Storage copy = new Storage(incoming.part() ? bytes(node.name()) : 0, true);
        hold(copy);
        long blockedInput = blockedInput(node);
        long blockedOutput = blocked(node.name());
        long weights = numberBytes() * parameters(node);
        long cast = dataType == DataType.F32 ? weights : TrainingMemory.FLOAT * parameters(node);
        if (trained.contains(node.input())) {
            outward(node.input(), outgoing);
            moment(converted(blockedOutput, node.input()) + weights);
        }
        moment(blockedInput + blockedOutput + weights + cast);
        release(copy);
    }

    /**
     * What a conversion of one operand and of the result take beyond the result itself, whose plain memory is only
     * taken when the operand's copy is gone.
     */
    private long converted(long blockedOperand, String result) {
        if (layout == Layout.NHWC) {
            return 0;
        }
        return Math.max(blockedOperand + blocked(result) - bytes(result), blocked(result));
    }

    /** A new gradient for a tensor, where it needs any. */
    private void outward(String tensor, Map<String, Gradient> outgoing) {
        if (trained.contains(tensor)) {
            outgoing.put(tensor, fresh(tensor));
        }
    }

    /** The gradient that came is the gradient of every input, or holds it. */
    private void share(Node node, Gradient incoming, boolean part, Map<String, Gradient> outgoing) {
        for (String input : node.inputs()) {
            if (trained.contains(input)) {
                hold(incoming.storage());
                if (outgoing.put(input, new Gradient(incoming.storage(), part)) != null) {
                    release(incoming.storage());
                }
            }
        }
    }

    private void contribute(String tensor, Gradient more) {
        Gradient present = gradients.get(tensor);
        if (present == null) {
            gradients.put(tensor, more);
        } else if (present.own()) {
            release(more.storage());
        } else if (more.own()) {
            release(present.storage());
            gradients.put(tensor, more);
        } else {
            gradients.put(tensor, fresh(tensor));
            moment(0);
            release(present.storage());
            release(more.storage());
        }
    }

    private Gradient fresh(String tensor) {
        Storage storage = new Storage(bytes(tensor), true);
        hold(storage);
        return new Gradient(storage, false);
    }

    private void hold(Storage storage) {
        if (storage.holders++ == 0) {
            count(storage, storage.bytes);
        }
    }

    private void release(Storage storage) {
        if (--storage.holders == 0) {
            count(storage, -storage.bytes);
        }
    }

    private void count(Storage storage, long bytes) {
        if (storage.gradient) {
            gradientBytes += bytes;
        } else {
            activationBytes += bytes;
        }
    }

    private void moment(long workspace) {
        Moment now = new Moment(activationBytes, gradientBytes, workspace);
        if (now.total() > fullest.total()) {
            fullest = now;
        }
    }

    /** A tensor of so few channels, an image for example, is read as it is. */
    private long blockedInput(Node node) {
        return shape(node.input()).channels() < BLOCK ? 0 : blocked(node.input());
    }

    /** What a copy in oneDNN's layout takes: nothing where the channels are last, which it computes in as they are. */
    private long blocked(String tensor) {
        if (layout == Layout.NHWC) {
            return 0;
        }
        int channels = shape(tensor).channels();
        return bytes(tensor) / channels * Math.ceilDiv(channels, BLOCK) * BLOCK;
    }

    private long bytes(String tensor) {
        return numberBytes() * numbers(tensor);
    }

    private long numbers(String tensor) {
        return (long) batch * shape(tensor).elements();
    }

    /** Bytes of an activation's number. */
    private long numberBytes() {
        return dataType == DataType.F32 ? TrainingMemory.FLOAT : TrainingMemory.FLOAT / 2;
    }

    private Shape shape(String tensor) {
        return Shapes.require(shapes, tensor);
    }

    private Storage value(String tensor) {
        return Objects.requireNonNull(values.get(tensor));
    }

    private long parameters(Node node) {
        return Parameters.of(node.name(), node.layer(), Shapes.inputs(node, shapes)).stream()
                .filter(tensor -> tensor.kind() == Kind.TRAINED)
                .mapToLong(Parameters.Tensor::elements)
                .sum();
    }
}
