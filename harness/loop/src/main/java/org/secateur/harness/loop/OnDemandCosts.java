package org.secateur.harness.loop;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;

/**
 * The cost table of one device, grown by measuring what a plan asks for and the table does not hold. Each measurement
 * is handed to the sink at once, so that it is stored before the next begins. What the device has no kernel for is
 * remembered and never asked for again. Used by one thread.
 */
public final class OnDemandCosts {
    private final Device device;
    private final Surroundings surroundings;
    private final long seed;
    private final Consumer<Measurement> sink;
    private final java.util.function.UnaryOperator<Quantity> energy;
    private final Map<Workload, String> refused = new LinkedHashMap<>();
    private CostTable table;
    private double secondsSpent;

    /**
     * Costs that begin with a table.
     *
     * @param table what is known already; it must be of this device
     * @param energy joules of a launch from its seconds
     * @param sink where each new measurement is kept
     */
    public OnDemandCosts(
            Device device,
            CostTable table,
            Surroundings surroundings,
            java.util.function.UnaryOperator<Quantity> energy,
            long seed,
            Consumer<Measurement> sink) {
        this.device = device;
        this.table = table;
        this.surroundings = surroundings;
        this.energy = energy;
        this.seed = seed;
        this.sink = sink;
    }

    /** The table as it stands. */
    public CostTable snapshot() {
        return table;
    }

    /** The device that is measured. */
    public Device device() {
        return device;
    }

    /** Joules of a launch from its seconds. */
    public java.util.function.UnaryOperator<Quantity> energy() {
        return energy;
    }

    /** Seconds spent on measuring so far. */
    public double secondsSpent() {
        return secondsSpent;
    }

    /**
     * The workloads of which the table holds no time in the COLD regime and that the device has not refused, each once,
     * in order.
     */
    public List<Workload> missing(Collection<Workload> workloads) {
        return new LinkedHashSet<>(workloads)
                .stream()
                        .filter(w -> !isRefused(w)
                                && row(w).map(Measurement::seconds)
                                        .flatMap(Quantity::estimate)
                                        .isEmpty())
                        .toList();
    }

    /** Whether the device was asked for a kernel of this workload, and has none. */
    public boolean isRefused(Workload workload) {
        return refused.containsKey(workload);
    }

    /** Why the device has no kernel for it, where it was asked. */
    public Optional<String> refusal(Workload workload) {
        return Optional.ofNullable(refused.get(workload));
    }

    /** For people: what the device has no kernel for, in one sentence; empty where it was never in want of one. */
    public Optional<String> refusals() {
        return refused.entrySet().stream()
                .findFirst()
                .map(first -> device.id() + " has no kernel for "
                        + (refused.size() == 1
                                ? "one workload that was asked for"
                                : refused.size() + " of the workloads that were asked for")
                        + ", so that no plan may need it: "
                        + (refused.size() == 1 ? "" : "the first is ")
                        + (first.getValue().contains(first.getKey().text())
                                ? first.getValue()
                                : first.getKey().text() + ": " + first.getValue()));
    }

    /** Opens each workload, without measuring it, to learn which of them the device refuses. */
    public void probe(Collection<Workload> workloads) {
        for (Workload workload : new LinkedHashSet<>(workloads)) {
            try (Kernel kernel = device.open(WorkloadKey.cold(workload))) {
                kernel.synchronize();
            } catch (IllegalArgumentException e) {
                refused.put(workload, String.valueOf(e.getMessage()));
            }
        }
    }

    /**
     * Measures what is missing, in order, until the time is up; groups of kernels are interleaved. What the device refuses
     * is left out, and then counts as not missing.
     *
     * @param limitSeconds a group begins only while less than this has been spent in this call
     * @return whether nothing is missing any more
     */
    public boolean measure(Collection<Workload> workloads, SamplerOptions options, double limitSeconds) {
        List<Workload> missing = missing(workloads);
        Sampler sampler = new Sampler(options, surroundings, energy, seed);
        long start = surroundings.nanoTime().getAsLong();
        double spent = 0;
        int next = 0;
        while (next < missing.size() && spent < limitSeconds) {
            int to = Math.min(missing.size(), next + options.openKernels());
            List<Measurement> group = new ArrayList<>();
            sampler.measure(
                    device,
                    missing.subList(next, to).stream().map(WorkloadKey::cold).toList(),
                    measurement -> {
                        sink.accept(measurement);
                        group.add(measurement);
                    },
                    (key, reason) -> refused.put(key.workload(), String.valueOf(reason.getMessage())));
            table = table.with(group);
            next = to;
            spent = (surroundings.nanoTime().getAsLong() - start) / 1e9;
        }
        secondsSpent += spent;
        return next == missing.size();
    }

    /** The row of a workload, when it is there. */
    public Optional<Measurement> row(Workload workload) {
        return table.row(WorkloadKey.cold(workload));
    }
}
