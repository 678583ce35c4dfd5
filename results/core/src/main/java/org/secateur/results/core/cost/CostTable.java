package org.secateur.results.core.cost;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.WorkloadKey;

/**
 * Measured rows of one device: the newest measurement of each key. Immutable; a run plans with one snapshot.
 *
 * @param device the device's own name, for messages
 * @param evidence how the rows were measured, as far as that was kept
 */
public record CostTable(String device, Fingerprint fingerprint, Map<WorkloadKey, Measurement> rows, Evidence evidence) {
    public CostTable {
        rows = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(rows));
    }

    /** A table of which nobody asks how it was measured. */
    public CostTable(String device, Fingerprint fingerprint, Map<WorkloadKey, Measurement> rows) {
        this(device, fingerprint, rows, Evidence.NONE);
    }

    /** A table of measurements in the order they were made; a later one of the same key replaces an earlier. */
    public static CostTable of(String device, Fingerprint fingerprint, Collection<Measurement> measurements) {
        Map<WorkloadKey, Measurement> rows = new LinkedHashMap<>();
        measurements.forEach(m -> rows.put(m.key(), m));
        return new CostTable(device, fingerprint, rows);
    }

    /** The row of a key. */
    public Optional<Measurement> row(WorkloadKey key) {
        return Optional.ofNullable(rows.get(key));
    }

    /** This table with each row changed; keys must stay. */
    public CostTable map(UnaryOperator<Measurement> change) {
        return of(device, fingerprint, rows.values().stream().map(change).toList());
    }

    /** This table with further measurements. */
    public CostTable with(Collection<Measurement> measurements) {
        Map<WorkloadKey, Measurement> all = new LinkedHashMap<>(rows);
        measurements.forEach(m -> all.put(m.key(), m));
        return new CostTable(
                device,
                fingerprint,
                all,
                evidence.without(measurements.stream().map(Measurement::key).toList()));
    }

    /** This table with further measurements that one run made. */
    public CostTable with(Collection<Measurement> measurements, MeasuringRun run) {
        return with(measurements)
                .with(evidence.with(
                        run, measurements.stream().map(Measurement::key).toList()));
    }

    /** This table with other evidence. */
    public CostTable with(Evidence other) {
        return new CostTable(device, fingerprint, rows, other);
    }
}
