package org.secateur.models.core.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.models.core.lowering.Lowering.Numerics;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Buffer;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.StepProgram.Role;

/** Instructions and buffers as they are appended; the forward pass. */
final class ProgramBuilder {
    private final Network network;
    private final int batch;
    private final Numerics numerics;
    private final boolean training;
    private final Map<String, Shape> shapes;
    private final Map<String, Buffer> buffers = new LinkedHashMap<>();
    private final List<Instruction> instructions = new ArrayList<>();
    private final Map<String, String> activations = new HashMap<>();

    ProgramBuilder(Network network, int batch, Numerics numerics, boolean training) {
        this.network = network;
        this.batch = batch;
        this.numerics = numerics;
        this.training = training;
        shapes = Shapes.of(network);
        activations.put(Network.INPUT, declare(Network.INPUT, Role.INPUT, dimensions(Network.INPUT)));
    }

    StepProgram build(StepProgram.Kind kind) {
        return new StepProgram(network.name(), kind, batch, instructions, List.copyOf(buffers.values()));
    }

    void forward(Node node) {
        List<String> reads = new ArrayList<>();
        node.inputs().forEach(input -> reads.add(activation(input)));
        if (node.layer() instanceof Layer.Flatten) {
            activations.put(node.name(), reads.get(0));
            return;
        }
        List<String> writes = new ArrayList<>();
        List<String> statistics = new ArrayList<>();
        for (Tensor tensor : tensors(node)) {
            reads.add(declare(
                    tensor.name(), tensor.kind() == Kind.TRAINED ? Role.PARAMETER : Role.STATISTIC, tensor.shape()));
            if (tensor.kind() == Kind.BUFFER) {
                statistics.add(tensor.name());
            }
        }
        writes.add(declare(node.name(), Role.ACTIVATION, dimensions(node.name())));
        activations.put(node.name(), node.name());
        if (training && node.layer() instanceof Layer.BatchNorm) {
            List<Integer> channels = List.of(shape(node.name()).channels());
            writes.add(declare(node.name() + ".saved_mean", Role.ACTIVATION, channels));
            writes.add(declare(node.name() + ".saved_invstd", Role.ACTIVATION, channels));
            writes.addAll(statistics);
        }
        launch(node.name(), operation(node), Pass.FORWARD, reads, writes);
    }

    /** Appends a launch. */
    void launch(String layer, Operation operation, Pass pass, List<String> reads, List<String> writes) {
        instructions.add(new Instruction(layer, numerics.workload(operation, pass), reads, writes));
    }

    /** Declares a buffer once, and returns its name. */
    String declare(String name, Role role, List<Integer> shape) {
        buffers.putIfAbsent(name, new Buffer(name, role, shape));
        return name;
    }

    boolean declared(String name) {
        return buffers.containsKey(name);
    }

    /** The buffer that holds a tensor; a flatten shares its input's. */
    String activation(String tensor) {
        String buffer = activations.get(tensor);
        if (buffer == null) {
            throw new IllegalStateException("tensor " + tensor + " is read before it is computed");
        }
        return buffer;
    }

    List<Integer> dimensions(String tensor) {
        Shape shape = shape(tensor);
        return List.of(batch, shape.channels(), shape.height(), shape.width());
    }

    Shape shape(String tensor) {
        return Shapes.require(shapes, tensor);
    }

    List<Tensor> tensors(Node node) {
        return Parameters.of(node.name(), node.layer(), Shapes.inputs(node, shapes));
    }

    /** The operation of a node that launches one. */
    Operation operation(Node node) {
        return Operations.of(node.layer(), Shapes.inputs(node, shapes), batch, training)
                .orElseThrow();
    }
}
