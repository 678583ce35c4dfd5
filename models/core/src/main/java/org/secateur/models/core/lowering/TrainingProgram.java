package org.secateur.models.core.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.lowering.Lowering.Numerics;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Operation.SoftmaxLoss;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Role;

/** One training step: forward, loss, backward, update. */
final class TrainingProgram {
    private final Network network;
    private final int batch;
    private final ProgramBuilder program;
    /** Tensors that depend on a trained parameter. */
    private final Set<String> needGradient = new HashSet<>();
    /** The buffer with the gradient of a tensor, as far as its readers have contributed. */
    private final Map<String, String> gradients = new HashMap<>();

    TrainingProgram(Network network, int batch, Numerics numerics) {
        this.network = network;
        this.batch = batch;
        program = new ProgramBuilder(network, batch, numerics, true);
        for (Node node : network.nodes()) {
            boolean trained = program.tensors(node).stream().anyMatch(t -> t.kind() == Kind.TRAINED);
            if (trained || node.inputs().stream().anyMatch(needGradient::contains)) {
                needGradient.add(node.name());
            }
        }
    }

    StepProgram build() {
        network.nodes().forEach(program::forward);
        loss();
        List<Node> nodes = network.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            backward(nodes.get(i));
        }
        optimizer();
        return program.build(StepProgram.Kind.TRAINING);
    }

    private void loss() {
        String logits = network.output().name();
        SoftmaxLoss loss = new SoftmaxLoss(batch, network.classes());
        String labels = program.declare(Lowering.LABELS, Role.LABELS, List.of(batch));
        String value = program.declare(Lowering.LOSS, Role.ACTIVATION, List.of(1));
        String probabilities =
                program.declare(Lowering.PROBABILITIES, Role.ACTIVATION, List.of(batch, network.classes()));
        program.launch(
                Lowering.LOSS,
                loss,
                Pass.FORWARD,
                List.of(program.activation(logits), labels),
                List.of(value, probabilities));
        String gradient = gradientBuffer(logits, Lowering.LOSS);
        program.launch(Lowering.LOSS, loss, Pass.BACKWARD, List.of(probabilities, labels), List.of(gradient));
        contribute(logits, gradient);
    }

    private void backward(Node node) {
        String gradient = gradients.get(node.name());
        if (gradient == null) {
            return;
        }
        String input = program.activation(node.input());
        String output = program.activation(node.name());
        switch (node.layer()) {
            case Layer.Convolution l -> weighted(node, input, gradient);
            case Layer.Linear l -> weighted(node, input, gradient);
            case Layer.BatchNorm l -> batchNorm(node, input, gradient);
            case Layer.Activation l -> elementwise(node, List.of(output, gradient));
            case Layer.Pooling l -> elementwise(node, List.of(input, output, gradient));
            case Layer.GlobalAveragePool l -> elementwise(node, List.of(input, output, gradient));
            case Layer.Concat l -> elementwise(node, List.of(gradient));
            case Layer.IndexMap l -> elementwise(node, List.of(gradient));
            case Layer.Pad l -> elementwise(node, List.of(gradient));
            case Layer.Flatten l -> passOn(node, gradient);
            case Layer.Add l -> passOn(node, gradient);
            case Layer.Shift l -> passOn(node, gradient);
        }
    }

    private void weighted(Node node, String input, String gradient) {
        Operation operation = program.operation(node);
        if (needGradient.contains(node.input())) {
            String target = gradientBuffer(node.input(), node.name());
            program.launch(
                    node.name(),
                    operation,
                    Pass.BACKWARD_DATA,
                    List.of(gradient, node.name() + ".weight"),
                    List.of(target));
            contribute(node.input(), target);
        }
        program.launch(
                node.name(), operation, Pass.BACKWARD_WEIGHTS, List.of(input, gradient), parameterGradients(node));
    }

    private void batchNorm(Node node, String input, String gradient) {
        List<String> writes = new ArrayList<>();
        boolean flows = needGradient.contains(node.input());
        if (flows) {
            writes.add(gradientBuffer(node.input(), node.name()));
        }
        writes.addAll(parameterGradients(node));
        program.launch(
                node.name(),
                program.operation(node),
                Pass.BACKWARD,
                List.of(
                        input,
                        gradient,
                        node.name() + ".weight",
                        node.name() + ".saved_mean",
                        node.name() + ".saved_invstd"),
                writes);
        if (flows) {
            contribute(node.input(), writes.get(0));
        }
    }

    private void elementwise(Node node, List<String> reads) {
        List<String> inputs =
                node.inputs().stream().filter(needGradient::contains).toList();
        if (inputs.isEmpty()) {
            return;
        }
        List<String> targets =
                inputs.stream().map(i -> gradientBuffer(i, node.name())).toList();
        program.launch(node.name(), program.operation(node), Pass.BACKWARD, reads, targets);
        for (int i = 0; i < targets.size(); i++) {
            contribute(inputs.get(i), targets.get(i));
        }
    }

    private void passOn(Node node, String gradient) {
        node.inputs().stream().filter(needGradient::contains).forEach(i -> contribute(i, gradient));
    }

    private List<String> parameterGradients(Node node) {
        return program.tensors(node).stream()
                .filter(t -> t.kind() == Kind.TRAINED)
                .map(t -> program.declare(gradientOf(t.name()), Role.PARAMETER_GRADIENT, t.shape()))
                .toList();
    }

    /** Where {@code reader}'s backward writes its part of the tensor's gradient. */
    private String gradientBuffer(String tensor, String reader) {
        String own = gradientOf(tensor);
        String name = program.declared(own) ? own + "." + reader : own;
        return program.declare(name, Role.GRADIENT, program.dimensions(tensor));
    }

    /** Takes a finished part of the tensor's gradient, and sums it with what is there. */
    private void contribute(String tensor, String part) {
        String present = gradients.get(tensor);
        if (present == null) {
            gradients.put(tensor, part);
            return;
        }
        Shape shape = program.shape(tensor);
        String sum = program.declare(gradientOf(tensor), Role.GRADIENT, program.dimensions(tensor));
        Operation add = new Operation.Add(batch, shape.channels(), shape.height(), shape.width(), Operand.TENSOR);
        program.launch(tensor, add, Pass.FORWARD, List.of(present, part), List.of(sum));
        gradients.put(tensor, sum);
    }

    private void optimizer() {
        List<Tensor> trained = network.nodes().stream()
                .flatMap(node -> program.tensors(node).stream())
                .filter(t -> t.kind() == Kind.TRAINED && program.declared(gradientOf(t.name())))
                .toList();
        List<String> parameters = trained.stream().map(Tensor::name).toList();
        List<String> momenta = trained.stream()
                .map(t -> program.declare(t.name() + Lowering.MOMENTUM, Role.MOMENTUM, t.shape()))
                .toList();
        List<String> reads = new ArrayList<>(parameters);
        parameters.forEach(p -> reads.add(gradientOf(p)));
        reads.addAll(momenta);
        List<String> writes = new ArrayList<>(parameters);
        writes.addAll(momenta);
        long elements = trained.stream().mapToLong(Tensor::elements).sum();
        program.launch(Lowering.OPTIMIZER, new OptimizerStep(elements, trained.size()), Pass.UPDATE, reads, writes);
    }

    private static String gradientOf(String name) {
        return name + ".grad";
    }
}
