package org.secateur.results.core.cost;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;

/**
 * The energy of a processor without a counter: an assumed power, that rises from idle in proportion to the utilisation
 * (Fan, Weber, Barroso, ISCA 2007), times the measured time. Where all threads work or spin all the time, as with
 * libtorch on all cores, its joules rank workloads exactly as seconds do.
 *
 * @param idleWatts power without work, part of the active power
 * @param activeWatts power with all processors at work
 */
public record CpuPowerModel(double idleWatts, double activeWatts) implements EnergyModel {
    public CpuPowerModel {
        if (!(idleWatts >= 0) || !(activeWatts > idleWatts) || !Double.isFinite(activeWatts)) {
            throw new IllegalArgumentException(
                    "power of " + idleWatts + " W idle and " + activeWatts + " W active: expected 0 <= idle < active");
        }
    }

    @Override
    public String name() {
        return String.format(
                Locale.ROOT, "cpu-power %.3g W idle to %.3g W at full utilisation, assumed", idleWatts, activeWatts);
    }

    /**
     * The power at a utilisation, in watts.
     *
     * @param utilisation 0 to 1; full where it is not known
     */
    public double watts(OptionalDouble utilisation) {
        return idleWatts + Math.clamp(utilisation.orElse(1.0), 0.0, 1.0) * (activeWatts - idleWatts);
    }

    /** Whatever is launched; missing when the time is. */
    @Override
    public Quantity joules(List<Workload> launches, Quantity seconds, OptionalDouble utilisation) {
        return seconds instanceof Quantity.Known known
                ? Quantity.modelled(known.number().times(watts(utilisation)), name())
                : seconds;
    }
}
