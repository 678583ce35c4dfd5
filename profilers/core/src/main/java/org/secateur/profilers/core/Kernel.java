package org.secateur.profilers.core;

import org.secateur.results.core.Variant;

/**
 * Work that can be launched again and again with the same cost: an opened workload, a whole step, or a trainer's
 * step. The only thing the sampler measures. Used by one thread; whoever opens it closes it.
 */
public interface Kernel extends AutoCloseable {
    /** Starts one launch; may return before it is done. */
    void launch();

    /** Returns when every launch is done. */
    void synchronize();

    /** The algorithm that runs. */
    Variant variant();

    @Override
    void close();
}
