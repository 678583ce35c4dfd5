package org.secateur.results.store;

import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.cost.CostTable;

/**
 * The right to measure into one table: it holds the store's lock and writes under one fingerprint only, so that rows
 * of two devices cannot mix. Closed before its store.
 */
public final class TableWriter implements AutoCloseable {
    private final Store store;
    private final String device;
    private final Fingerprint fingerprint;
    private final ProcessLock lock;

    TableWriter(Store store, String device, Fingerprint fingerprint, ProcessLock lock) {
        this.store = store;
        this.device = device;
        this.fingerprint = fingerprint;
        this.lock = lock;
    }

    /** Commits one measurement at once: after this returns it outlives the process. */
    public void append(Measurement measurement) {
        store.append(device, fingerprint, measurement);
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
