package org.secateur.harness.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.planning.GroupScores;
import org.secateur.models.core.pruning.Criterion;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.EnergyModel;

/** Costs measured on a simulated device, with a record of what was opened and what was kept. */
final class Bench {
    /** Workloads in the order in which their kernels were opened. */
    final List<Workload> opened = new ArrayList<>();
    /** Measurements in the order in which they reached the sink. */
    final List<Measurement> kept = new ArrayList<>();

    final SimulatedDevice device;
    final OnDemandCosts costs;

    Bench(ToDoubleFunction<Workload> seconds) {
        this(seconds, CostTable.of("SIMULATED", simulated(w -> 1).fingerprint(), List.of()));
    }

    Bench(ToDoubleFunction<Workload> seconds, CostTable table) {
        this(seconds, table, Optional.empty());
    }

    /** The same with joules by a model. */
    Bench(ToDoubleFunction<Workload> seconds, CostTable table, Optional<EnergyModel> energy) {
        device = simulated(workload -> {
            opened.add(workload);
            return seconds.applyAsDouble(workload);
        });
        costs = new OnDemandCosts(device, table, device.surroundings(), energy, 1, (row, how) -> kept.add(row));
    }

    private static SimulatedDevice simulated(ToDoubleFunction<Workload> seconds) {
        return new SimulatedDevice(seconds, Disturbance.NONE, 1);
    }

    static Network network(String name, int size) {
        return Zoo.network(name, Optional.of(new Shape(3, size, size)), OptionalInt.of(4));
    }

    /** A sum of two branches: the convolutions {@code left1} to {@code left3}, and {@code right1} and {@code right2}. */
    static Network branches(int size) {
        List<Node> nodes = new ArrayList<>();
        String stem = activated(nodes, convolution(nodes, "conv1", Network.INPUT, 8));
        String inner = convolution(nodes, "left2", activated(nodes, convolution(nodes, "left1", stem, 6)), 5);
        String left = convolution(nodes, "left3", activated(nodes, inner), 8);
        String right = convolution(nodes, "right2", activated(nodes, convolution(nodes, "right1", stem, 6)), 8);
        nodes.add(new Node("add", new Layer.Add(), List.of(left, right)));
        String sum = activated(nodes, "add");
        nodes.add(new Node("pool", new Layer.GlobalAveragePool(), List.of(sum)));
        nodes.add(new Node("flatten", new Layer.Flatten(), List.of("pool")));
        nodes.add(new Node("fc", new Layer.Linear(4, true), List.of("flatten")));
        return new Network("branches", new Shape(3, size, size), 4, nodes);
    }

    private static String convolution(List<Node> nodes, String name, String input, int outputs) {
        nodes.add(new Node(
                name,
                new Layer.Convolution(outputs, Extent.of(3), Extent.of(1), Extent.of(1), Extent.of(1), 1, false),
                List.of(input)));
        return name;
    }

    private static String activated(List<Node> nodes, String input) {
        nodes.add(new Node(input + ".bn", new Layer.BatchNorm(1e-5, 0.1), List.of(input)));
        nodes.add(
                new Node(input + ".relu", new Layer.Activation(Operation.ActivationKind.RELU), List.of(input + ".bn")));
        return input + ".relu";
    }

    static GroupScores scores(Network network) {
        return GroupScores.of(network, new Initializer(5).initialize(network), new Criterion.L2());
    }

    static Map<String, Integer> widths(Network network) {
        return org.secateur.models.core.graph.Surgery.widths(network);
    }
}
