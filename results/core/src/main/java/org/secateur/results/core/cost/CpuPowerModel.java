package org.secateur.results.core.cost;

import java.util.Locale;
import org.secateur.results.core.Quantity;

/**
 * The energy of a processor without a counter: an assumed constant power times the measured time. Its joules therefore
 * rank workloads exactly as seconds do, and are MODELLED with the assumption in the model's name.
 *
 * @param idleWatts power without work, part of the active power
 * @param activeWatts power with all threads at work
 */
public record CpuPowerModel(double idleWatts, double activeWatts) {
    public CpuPowerModel {
        if (!(idleWatts >= 0) || !(activeWatts > idleWatts) || !Double.isFinite(activeWatts)) {
            throw new IllegalArgumentException(
                    "power of " + idleWatts + " W idle and " + activeWatts + " W active: expected 0 <= idle < active");
        }
    }

    /** The model's name, with the assumption. */
    public String name() {
        return String.format(Locale.ROOT, "cpu-power %.3g W active, %.3g W idle, assumed", activeWatts, idleWatts);
    }

    /** The gross energy of what takes {@code seconds}; missing when the time is. */
    public Quantity joules(Quantity seconds) {
        return times(seconds, activeWatts);
    }

    /** The energy beyond what an idle processor takes in the same time. */
    public Quantity netJoules(Quantity seconds) {
        return times(seconds, activeWatts - idleWatts);
    }

    private Quantity times(Quantity seconds, double watts) {
        return seconds instanceof Quantity.Known known
                ? Quantity.modelled(known.number().times(watts), name())
                : seconds;
    }
}
