package org.secateur.profilers.cuda;

/** Launches that are enqueued one by one or as a graph of several. */
interface Queueable {
    /** Launches of a replay. */
    int launchesPerReplay();

    /** Enqueues one launch. */
    void launch();

    /** Enqueues the graph. */
    void replay();
}
