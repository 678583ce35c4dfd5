package org.secateur.profilers.core.energy;

/** A reading of a device's power, renewed at intervals. Used by one thread. */
public interface PowerSensor {
    /** Its name in reports, for example {@code nvml instant}. */
    String id();

    /**
     * The latest reading in watts.
     *
     * @throws org.secateur.results.core.SecateurException when it cannot be read any more
     */
    double watts();
}
