package org.secateur.profilers.core.energy;

import java.util.OptionalDouble;

/** A running total of energy that a device keeps itself and renews in ticks. Used by one thread. */
public interface EnergyCounter {
    /** Its name in reports, for example {@code nvml}. */
    String id();

    /**
     * The present total in joules, since a moment that stays the same. A register that wraps is unwrapped by the
     * implementation; a total that falls is a fault of the counter, and is reported as such by who reads it.
     *
     * @throws org.secateur.results.core.SecateurException when it cannot be read any more
     */
    double joules();

    /** The power in watts above which a rise of the total cannot be true: more than any burst. */
    double limitWatts();

    /** The limit, in watts, that the device keeps its mean power below; empty where it tells none. */
    default OptionalDouble powerLimitWatts() {
        return OptionalDouble.empty();
    }
}
