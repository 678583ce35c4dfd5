package org.secateur.profilers.cuda;

/** One launch over one set of operands. */
@FunctionalInterface
interface Launch {
    /** Enqueues it on the GPU's stream. */
    void run();
}
