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
 */
public record CostTable(String device, Fingerprint fingerprint, Map<WorkloadKey, Measurement> rows) {
    public CostTable {
        rows = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(rows));
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
        return new CostTable(device, fingerprint, all);
    }
}
