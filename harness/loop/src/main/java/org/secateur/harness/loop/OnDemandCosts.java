package org.secateur.harness.loop;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleFunction;
import org.secateur.harness.loop.PruningSettings.CostKind;
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
import org.secateur.results.core.cost.CpuPowerModel;
import org.secateur.results.core.cost.EnergyModel;
import org.secateur.results.core.cost.MemoryHierarchyEnergy;
import org.secateur.results.core.cost.Plausibility;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * The cost table of one device, grown by measuring what a plan asks for and the table does not hold. Each measurement
 * is handed to the sink at once, so that it is stored before the next begins. What the device has no kernel for is
 * remembered and never asked for again. Used by one thread.
 */
public final class OnDemandCosts {
    /** Rough, but for more than one launch of references that take tens of milliseconds each. */
    private static final SamplerOptions PEAKS = SamplerOptions.rough().withCapSeconds(0.25);

    private final Device device;
    private final Surroundings surroundings;
    private final long seed;
    private final BiConsumer<Measurement, SamplerOptions> sink;
    private final Optional<EnergyModel> energy;
    private final Map<Workload, String> refused = new LinkedHashMap<>();
    private CostTable table;
    private double secondsSpent;

    /**
     * Costs that begin with a table.
     *
     * @param table what is known already; it must be of this device
     * @param energy tells the joules of each new row, and of plans by joules; rows have none without
     * @param sink where each new measurement is kept, with how it was made
     */
    public OnDemandCosts(
            Device device,
            CostTable table,
            Surroundings surroundings,
            Optional<EnergyModel> energy,
            long seed,
            BiConsumer<Measurement, SamplerOptions> sink) {
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

    /** What a launch costs where that is counted and needs no measuring; empty where its seconds are planned by. */
    Optional<ToDoubleFunction<Workload>> counted(CostKind kind) {
        return switch (kind) {
            case SECONDS -> Optional.empty();
            case MACS -> Optional.of(Workload::macs);
            case PARAMETERS -> Optional.of(workload -> 0);
            case JOULES ->
                energy.flatMap(model -> switch (model) {
                    case MemoryHierarchyEnergy accesses -> Optional.<ToDoubleFunction<Workload>>of(accesses::joules);
                    case CpuPowerModel power -> Optional.empty();
                });
        };
    }

    /** The modelled power of what is measured here, by the utilisation of the rows so far; empty without such a model. */
    OptionalDouble watts() {
        double[] shares = table.rows().values().stream()
                .map(row -> row.after().utilisation())
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .toArray();
        OptionalDouble utilisation =
                shares.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(OrderStatistics.median(shares));
        return energy.filter(CpuPowerModel.class::isInstance)
                .map(CpuPowerModel.class::cast)
                .map(power -> OptionalDouble.of(power.watts(utilisation)))
                .orElse(OptionalDouble.empty());
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
        Sampler sampler = new Sampler(options, surroundings, Sampler.NO_ENERGY, seed);
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
                        sink.accept(row, options);
                        group.add(row);
                    },
                    (key, reason) -> refused.put(key.workload(), String.valueOf(reason.getMessage())));
            table = table.with(group);
            next = to;
            spent = (surroundings.nanoTime().getAsLong() - start) / 1e9;
        }
        secondsSpent += spent;
        return next == missing.size();
    }

    /** By the device's peaks, where the table holds those of the row's arithmetic, and by its power. */
    private Measurement judged(Measurement row) {
        return Plausibility.of(table, row.key().workload()).judged(modelled(row));
    }

    private Measurement modelled(Measurement row) {
        return energy.map(model -> model.applied(row)).orElse(row);
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
        new Sampler(PEAKS, surroundings, Sampler.NO_ENERGY, seed)
                .measure(
                        device,
                        missing,
                        found -> {
                            Measurement row = modelled(found);
                            sink.accept(row, PEAKS);
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
