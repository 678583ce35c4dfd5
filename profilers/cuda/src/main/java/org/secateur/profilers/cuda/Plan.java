package org.secateur.profilers.cuda;

import org.secateur.results.core.Variant;

/** How a workload is launched: descriptors made and the algorithm chosen, for any set of operands of its shapes. */
interface Plan {
    /** The library's algorithm. */
    Variant variant();

    /**
     * Makes those operands that only another launch would have made, for example what a forward pass keeps for the
     * backward one; where a workload stands alone, once for each set.
     */
    default void prepare(Operands operands) {}

    /** The launch over one set of operands. */
    Launch on(Operands operands);
}
