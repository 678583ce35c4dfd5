package org.secateur.profilers.cuda;

import org.secateur.profilers.core.Kernel;

/** A kernel whose launches are also there as a graph of several. */
interface Replayable extends Kernel, Queueable {
    @Override
    void launch();
}
