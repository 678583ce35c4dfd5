package org.secateur.results.store;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.MeasuringRun;

/**
 * The right to measure into one table: it holds the store's lock and writes under one fingerprint only, so that rows
 * of two devices cannot mix. Closed before its store.
 */
public final class TableWriter implements AutoCloseable {
    private final Store store;
    private final String device;
    private final Fingerprint fingerprint;
    private final ProcessLock lock;
    private final Map<MeasuringRun, Long> kept = new HashMap<>();

    TableWriter(Store store, String device, Fingerprint fingerprint, ProcessLock lock) {
        this.store = store;
        this.device = device;
        this.fingerprint = fingerprint;
        this.lock = lock;
    }

    /** Commits one measurement of which nobody asks how it was made: after this returns it outlives the process. */
    public void append(Measurement measurement) {
        store.append(device, fingerprint, measurement, Optional.empty());
    }

    /** Commits one measurement at once, and before its first the run that made it. */
    public void append(Measurement measurement, MeasuringRun run) {
        store.append(device, fingerprint, measurement, Optional.of(id(run)));
    }

    /** Replaces what is kept of a run by what is known of it now; one that was not kept yet is kept so. */
    public void replace(MeasuringRun earlier, MeasuringRun now) {
        Long id = kept.remove(earlier);
        if (id == null) {
            id(now);
        } else {
            store.replace(id, now);
            kept.put(now, id);
        }
    }

    private long id(MeasuringRun run) {
        return kept.computeIfAbsent(run, unknown -> store.keep(device, fingerprint, unknown));
    }

    /** The table as it stands. */
    public CostTable table() {
        return store.table(device, fingerprint);
    }

    @Override
    public void close() {
        lock.close();
    }
}
