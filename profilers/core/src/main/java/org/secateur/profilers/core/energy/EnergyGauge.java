package org.secateur.profilers.core.energy;

import java.util.Map;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.Quantity;

/** Tells the energy of kernels that were just timed. Used by one thread, while nothing else works on the device. */
public sealed interface EnergyGauge permits ModelledEnergy, CountedEnergy {
    /**
     * The energy of one launch.
     *
     * @param kernel open and warm
     * @param seconds of one launch, as measured; missing where there is no single number
     */
    GaugedEnergy energy(Kernel kernel, Quantity seconds);

    /**
     * The energy of one launch of each of two kernels, and the ratio candidate / baseline where it can be measured in
     * pairs.
     *
     * @param delta the half-width of equivalence on the log scale
     */
    PairedEnergy compare(
            Kernel baseline, Quantity baselineSeconds, Kernel candidate, Quantity candidateSeconds, double delta);

    /** What the sensors were found to be, by name with SI units; empty where none was calibrated so far. */
    default Map<String, Double> calibration() {
        return Map.of();
    }
}
