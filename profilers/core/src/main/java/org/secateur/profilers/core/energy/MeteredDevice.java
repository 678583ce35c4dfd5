package org.secateur.profilers.core.energy;

import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.SecateurException;

/** A device that may have an energy counter. */
public interface MeteredDevice extends Device {
    /** Between two looks at the clock: long beside a synchronisation, short beside a window. */
    double STRETCH_SECONDS = 0.02;

    /**
     * Opens the sensors of this device's energy; they may be opened again and again.
     *
     * @throws SecateurException when there is no counter that can be read, with the reason and what to do
     */
    EnergySource energySource();

    /**
     * A load of one of this device's kernels, which stays its owner's; the caller closes the load before the kernel. By
     * default it waits for its launches; a device that works on while the host does something else has one that queues.
     *
     * @param secondsPerLaunch about what a launch takes
     */
    default Load load(Kernel kernel, HostTime time, double secondsPerLaunch) {
        int launches = (int) Math.clamp(Math.ceil(STRETCH_SECONDS / secondsPerLaunch), 1.0, 1e6);
        return new SynchronousLoad(kernel, time, launches);
    }
}
