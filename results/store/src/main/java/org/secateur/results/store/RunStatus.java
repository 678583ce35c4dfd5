package org.secateur.results.store;

/** Where a run stands. */
public enum RunStatus {
    /** Begun and not ended; when no process works on it, it was interrupted and may be continued. */
    RUNNING,
    DONE,
    FAILED
}
