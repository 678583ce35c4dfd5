package org.secateur.harness.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.planning.GroupScores;
import org.secateur.models.core.pruning.Criterion;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.CostTable;

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
        device = simulated(workload -> {
            opened.add(workload);
            return seconds.applyAsDouble(workload);
        });
        costs = new OnDemandCosts(device, table, device.surroundings(), Sampler.NO_ENERGY, 1, kept::add);
    }

    private static SimulatedDevice simulated(ToDoubleFunction<Workload> seconds) {
        return new SimulatedDevice(seconds, Disturbance.NONE, 1);
    }

    static Network network(String name, int size) {
        return Zoo.network(name, Optional.of(new Shape(3, size, size)), OptionalInt.of(4));
    }

    static GroupScores scores(Network network) {
        return GroupScores.of(network, new Initializer(5).initialize(network), new Criterion.L2());
    }

    static Map<String, Integer> widths(Network network) {
        return org.secateur.models.core.graph.Surgery.widths(network);
    }
}
