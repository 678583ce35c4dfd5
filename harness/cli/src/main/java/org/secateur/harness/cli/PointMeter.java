package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.EnergyModel;
import org.secateur.results.core.cost.Plausibility;
import org.secateur.results.store.TableWriter;

/**
 * Measures points into a table, and keeps each as soon as it is made, judged by the control that precedes the first and
 * by the peaks that the table holds.
 */
final class PointMeter {
    private final Device device;
    private final TableWriter writer;
    private final Sampler sampler;
    private final Sampler energySampler;
    private final Optional<EnergyModel> model;
    private CostTable table;
    private final Map<WorkloadKey, String> refused = new LinkedHashMap<>();
    private @Nullable Control control;
    private int measured;

    /**
     * A meter.
     *
     * @param energySampler measures energy as well
     * @param model tells the joules where no counter does
     */
    PointMeter(Device device, TableWriter writer, Sampler sampler, Sampler energySampler, Optional<EnergyModel> model) {
        this.device = device;
        this.writer = writer;
        this.sampler = sampler;
        this.energySampler = energySampler;
        this.model = model;
        table = writer.table();
    }

    /** The table as it stands. */
    CostTable table() {
        return table;
    }

    /** How many points were measured so far. */
    int measured() {
        return measured;
    }

    /** What is to be said of the points measured here: that their control failed, and which the device refused. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (control != null) {
            control.warning().ifPresent(warnings::add);
        }
        refused.forEach((key, reason) -> warnings.add("left out: "
                + (reason.contains(key.workload().text())
                        ? reason
                        : key.workload().text() + ": " + reason)));
        return warnings;
    }

    /** Whether the device has no kernel for it. */
    boolean isRefused(WorkloadKey key) {
        return refused.containsKey(key);
    }

    /** Those of the keys of which the table holds no time, and that were not refused. */
    List<WorkloadKey> missing(Collection<WorkloadKey> keys) {
        return keys.stream()
                .filter(key -> !isRefused(key)
                        && table.row(key)
                                .map(Measurement::seconds)
                                .flatMap(Quantity::estimate)
                                .isEmpty())
                .toList();
    }

    /**
     * Measures the time of points, whether they are there already or not. What the device has no kernel for is left out.
     *
     * @param told after each point, with the number of those that this call is done with
     */
    void measure(Collection<WorkloadKey> due, IntConsumer told) {
        measure(sampler, due, told);
    }

    /** The same with their energy. */
    void measureWithEnergy(Collection<WorkloadKey> due, IntConsumer told) {
        measure(energySampler, due, told);
    }

    private void measure(Sampler by, Collection<WorkloadKey> due, IntConsumer told) {
        if (due.isEmpty()) {
            return;
        }
        Control valid = control == null ? sampler.control(device) : control;
        control = valid;
        List<Measurement> rows = new ArrayList<>();
        int refusedBefore = refused.size();
        try {
            by.measure(
                    device,
                    List.copyOf(due),
                    found -> {
                        Measurement modelled = model.map(m -> m.applied(found)).orElse(found);
                        Measurement row =
                                Plausibility.of(table, found.key().workload()).judged(valid.judged(modelled));
                        writer.append(row);
                        rows.add(row);
                        measured++;
                        told.accept(rows.size() + refused.size() - refusedBefore);
                    },
                    (key, reason) -> {
                        refused.put(key, String.valueOf(reason.getMessage()));
                        told.accept(rows.size() + refused.size() - refusedBefore);
                    });
        } finally {
            table = table.with(rows);
        }
    }
}
