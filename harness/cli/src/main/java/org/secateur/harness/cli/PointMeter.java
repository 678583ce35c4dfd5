package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.IntConsumer;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.TableWriter;

/** Measures points into a table, and keeps each as soon as it is made. */
final class PointMeter {
    private final Device device;
    private final TableWriter writer;
    private final Sampler sampler;
    private CostTable table;
    private int measured;

    PointMeter(Device device, TableWriter writer, Sampler sampler) {
        this.device = device;
        this.writer = writer;
        this.sampler = sampler;
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

    /** Those of the keys that the table does not hold. */
    List<WorkloadKey> missing(Collection<WorkloadKey> keys) {
        return keys.stream().filter(key -> table.row(key).isEmpty()).toList();
    }

    /**
     * Measures points, whether they are there already or not.
     *
     * @param told after each point, with the number of those measured in this call
     */
    void measure(Collection<WorkloadKey> due, IntConsumer told) {
        List<Measurement> rows = new ArrayList<>();
        try {
            sampler.measure(device, List.copyOf(due), row -> {
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
