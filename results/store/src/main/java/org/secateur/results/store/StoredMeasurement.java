package org.secateur.results.store;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.secateur.results.core.Measurement;

/**
 * A measurement with what was recorded beside it.
 *
 * @param context the context fields of its fingerprint at that time
 */
public record StoredMeasurement(Measurement measurement, SortedMap<String, String> context) {
    public StoredMeasurement {
        context = Collections.unmodifiableSortedMap(new TreeMap<>(context));
    }
}
