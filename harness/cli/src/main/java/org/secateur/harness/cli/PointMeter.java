package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
import org.secateur.results.core.cost.Plausibility;
import org.secateur.results.core.cost.Roofline;
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
    private CostTable table;
    private @Nullable Control control;
    private int measured;

    /**
     * A meter.
     *
     * @param energySampler measures energy as well
     */
    PointMeter(Device device, TableWriter writer, Sampler sampler, Sampler energySampler) {
        this.device = device;
        this.writer = writer;
        this.sampler = sampler;
        this.energySampler = energySampler;
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

    /** What is to be said of all points measured here, where their control failed. */
    Optional<String> warning() {
        return control == null ? Optional.empty() : control.warning();
    }

    /** Those of the keys of which the table holds no time. */
    List<WorkloadKey> missing(Collection<WorkloadKey> keys) {
        return keys.stream()
                .filter(key -> table.row(key)
                        .map(Measurement::seconds)
                        .flatMap(Quantity::estimate)
                        .isEmpty())
                .toList();
    }

    /**
     * Measures the time of points, whether they are there already or not.
     *
     * @param told after each point, with the number of those measured in this call
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
        Optional<Plausibility> peaks = Roofline.of(table).map(Roofline::plausibility);
        List<Measurement> rows = new ArrayList<>();
        try {
            by.measure(device, List.copyOf(due), found -> {
                Measurement controlled = valid.judged(found);
                Measurement row = peaks.map(limits -> limits.judged(controlled)).orElse(controlled);
                writer.append(row);
                rows.add(row);
                measured++;
                told.accept(rows.size());
            });
        } finally {
            table = table.with(rows);
        }
    }
}
