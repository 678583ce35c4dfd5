package org.secateur.harness.cli;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.energy.CountedEnergy;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.EnergyGauge;
import org.secateur.profilers.core.energy.EnergyOptions;
import org.secateur.profilers.core.energy.MeteredDevice;
import org.secateur.profilers.core.energy.ModelledEnergy;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.cost.EnergyModel;

/** How a command counts joules, where the device has a counter. */
final class Energies {
    private Energies() {}

    /** The gauge of a device: its counter, or nothing where it has none or a model tells its joules. */
    static EnergyGauge of(
            Device device, Session session, EnergyOptions options, long seed, Optional<EnergyModel> instead) {
        return instead.isPresent()
                ? new ModelledEnergy(none(device))
                : counted(device, session, options, seed).orElseGet(() -> new ModelledEnergy(none(device)));
    }

    /** Whether a device has a counter that can be read. */
    static boolean counts(Device device) {
        if (!(device instanceof MeteredDevice metered)) {
            return false;
        }
        try {
            metered.energySource();
            return true;
        } catch (SecateurException e) {
            return false;
        }
    }

    /**
     * The counter of a device on which a training may be metered as a whole: a GPU's, which never wraps, whatever passes
     * between two readings.
     */
    static Optional<EnergyCounter> counter(Device device) {
        if (!device.kind().equals("cuda") || !(device instanceof MeteredDevice metered)) {
            return Optional.empty();
        }
        try {
            return Optional.of(metered.energySource().counter());
        } catch (SecateurException e) {
            return Optional.empty();
        }
    }

    /** The gauge of a device with a counter. */
    static Optional<EnergyGauge> counted(Device device, Session session, EnergyOptions options, long seed) {
        if (!(device instanceof MeteredDevice metered) || !counts(device)) {
            return Optional.empty();
        }
        return Optional.of(
                new CountedEnergy(metered, options, session.surroundings().hostTime(), seed));
    }

    /** No joules, for the reason why the device has no counter, or because it was not asked. */
    static UnaryOperator<Quantity> none(Device device) {
        if (!(device instanceof MeteredDevice metered)) {
            return Sampler.NO_ENERGY;
        }
        try {
            metered.energySource();
            return seconds -> Quantity.unavailable("the energy was not asked for");
        } catch (SecateurException e) {
            return seconds -> Quantity.unavailable(e.what());
        }
    }
}
