package org.secateur.profilers.jmh;

/** A running total of joules, of which only differences mean anything. Used by one thread. */
interface EnergyCounter {
    /** What counts, as it stands in results, for example {@code rapl}; of a model its name with its assumptions. */
    String name();

    /** The total, or NaN when it cannot be read now. */
    double joules();

    /** How often the total changes, in seconds; 0 when every reading is up to date. */
    double periodSeconds();
}
