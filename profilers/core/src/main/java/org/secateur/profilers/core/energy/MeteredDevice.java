package org.secateur.profilers.core.energy;

import org.secateur.profilers.core.Device;
import org.secateur.results.core.SecateurException;

/** A device that may have an energy counter. */
public interface MeteredDevice extends Device {
    /**
     * Opens the sensors of this device's energy; they may be opened again and again.
     *
     * @throws SecateurException when there is no counter that can be read, with the reason and what to do
     */
    EnergySource energySource();
}
