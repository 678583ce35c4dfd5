package org.secateur.results.core.cost;

import java.util.List;
import java.util.Locale;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * What a launch takes beyond the device's idle power. Published joules are gross: these stand beside them. That the idle
 * power is itself measured is not in the interval.
 */
public final class IdleCorrection {
    private static final double CONFIDENCE = 0.95;

    private IdleCorrection() {}

    /**
     * Net joules of one launch, DERIVED from counted ones; missing where a counter did not tell them.
     *
     * @param samples windows of energy
     * @param after the measurement's readings, among them the calibrated {@link Plausibility#IDLE_WATTS}
     */
    public static Quantity netJoules(List<EnergySample> samples, Conditions after) {
        Double idle = after.readings().get(Plausibility.IDLE_WATTS);
        if (samples.isEmpty() || idle == null) {
            return Quantity.unavailable("only counted joules are corrected for idle power");
        }
        Estimate net = OrderStatistics.median(
                samples.stream()
                        .mapToDouble(s -> (s.joules() - idle * s.seconds()) / s.launches())
                        .toArray(),
                CONFIDENCE);
        return net.value() > 0
                ? Quantity.derived(net)
                : Quantity.unavailable(
                        String.format(Locale.ROOT, "the load draws no more than the idle device's %.3g W", idle));
    }

    /** The same of a row. */
    public static Quantity netJoules(Measurement row) {
        return netJoules(row.energySamples(), row.after());
    }
}
