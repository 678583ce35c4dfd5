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
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.cost.MeasuringRun;
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
    private MeasuringRun run;
    private CostTable table;
    private final Map<WorkloadKey, String> refused = new LinkedHashMap<>();
    private @Nullable Control control;
    private int measured;

    /**
     * A meter.
     *
     * @param run how the points are measured, as far as that is known before the first
     * @param energySampler measures energy as well
     * @param model tells the joules where no counter does
     */
    PointMeter(
            Device device,
            TableWriter writer,
            MeasuringRun run,
            Sampler sampler,
            Sampler energySampler,
            Optional<EnergyModel> model) {
        this.device = device;
        this.writer = writer;
        this.run = run;
        this.sampler = sampler;
        this.energySampler = energySampler;
        this.model = model;
        table = writer.table();
    }

    /**
     * Keeps with the run what is known at its end.
     *
     * @param calibration of the energy's sensors; empty where there are none
     * @param error how far interpolation is off; not kept where no row told, or where it is what the table tells already
     */
    void finish(Map<String, Double> calibration, HeldOutError error) {
        MeasuringRun known = run.calibrated(calibration);
        boolean told =
                table.evidence().heldOut(error.of()).filter(error::equals).isPresent();
        if (error.predicted() + error.unpredicted() > 0 && !told) {
            known = known.judged(error);
        }
        if (!known.equals(run)) {
            writer.replace(run, known);
            run = known;
        }
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
        run = run.controlled(valid.reference());
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
                        writer.append(row, run);
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
