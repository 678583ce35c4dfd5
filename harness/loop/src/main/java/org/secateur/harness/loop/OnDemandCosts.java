package org.secateur.harness.loop;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.Plausibility;

/**
 * The cost table of one device, grown by measuring what a plan asks for and the table does not hold. Each measurement
 * is handed to the sink at once, so that it is stored before the next begins. Used by one thread.
 */
public final class OnDemandCosts {
    /** Rough, but for more than one launch of references that take tens of milliseconds each. */
    private static final SamplerOptions PEAKS = SamplerOptions.rough().withCapSeconds(0.25);

    private final Device device;
    private final Surroundings surroundings;
    private final long seed;
    private final Consumer<Measurement> sink;
    private final java.util.function.UnaryOperator<Quantity> energy;
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

    /** The workloads of which the table holds no time in the COLD regime, each once, in order. */
    public List<Workload> missing(Collection<Workload> workloads) {
        return new LinkedHashSet<>(workloads)
                .stream()
                        .filter(w -> row(w).map(Measurement::seconds)
                                .flatMap(Quantity::estimate)
                                .isEmpty())
                        .toList();
    }

    /**
     * Measures what is missing, in order, until the time is up; groups of kernels are interleaved.
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
                    found -> {
                        Measurement row = judged(found);
                        sink.accept(row);
                        group.add(row);
                    });
            table = table.with(group);
            next = to;
            spent = (surroundings.nanoTime().getAsLong() - start) / 1e9;
        }
        secondsSpent += spent;
        return next == missing.size();
    }

    /** By the device's peaks, where the table holds those of the row's arithmetic, and by its power. */
    private Measurement judged(Measurement row) {
        return Plausibility.of(table, row.key().workload()).judged(row);
    }

    /**
     * Measures the peaks that judge further rows, where the table does not hold them: once for each device and
     * arithmetic, in about two seconds, which are not counted as spent. What the device has no kernel for stays unknown.
     *
     * @param references as {@link org.secateur.results.core.cost.Roofline#references()} names them
     */
    public void measurePeaks(List<WorkloadKey> references) {
        List<WorkloadKey> missing =
                references.stream().filter(key -> table.row(key).isEmpty()).toList();
        List<Measurement> peaks = new ArrayList<>();
        new Sampler(PEAKS, surroundings, energy, seed)
                .measure(
                        device,
                        missing,
                        row -> {
                            sink.accept(row);
                            peaks.add(row);
                        },
                        (key, reason) -> {});
        table = table.with(peaks);
    }

    /** The row of a workload, when it is there. */
    public Optional<Measurement> row(Workload workload) {
        return table.row(WorkloadKey.cold(workload));
    }
}
