package org.secateur.profilers.core.energy;

import org.jspecify.annotations.Nullable;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;

/** Energy from a sensor of power, by trapezoids: a second way to the same number, beside the counter. */
final class PowerIntegral {
    private final @Nullable PowerSensor sensor;
    private final HostTime time;
    private @Nullable String lost;
    private int samples;
    private double firstSeconds;
    private double lastSeconds;
    private double lastWatts;
    private double joules;

    PowerIntegral(@Nullable PowerSensor sensor, HostTime time) {
        this.sensor = sensor;
        this.time = time;
    }

    void sample() {
        if (sensor == null || lost != null) {
            return;
        }
        try {
            double watts = sensor.watts();
            double now = time.seconds();
            if (!(watts >= 0) || Double.isInfinite(watts)) {
                lost = sensor.id() + " gave " + watts + " W";
                return;
            }
            if (samples == 0) {
                firstSeconds = now;
            } else {
                joules += (now - lastSeconds) * (watts + lastWatts) / 2;
            }
            samples++;
            lastSeconds = now;
            lastWatts = watts;
        } catch (SecateurException e) {
            lost = e.what() + " (" + e.on() + ")";
        }
    }

    /** The mean power sampled, times so many seconds. */
    Quantity over(double seconds) {
        if (sensor == null) {
            return Quantity.unavailable("this device has no second sensor of power");
        }
        if (lost != null) {
            return Quantity.unavailable(lost);
        }
        if (!(lastSeconds > firstSeconds)) {
            return Quantity.unavailable(sensor.id() + " was sampled " + samples + " times only");
        }
        return Quantity.derived(Estimate.exact(joules / (lastSeconds - firstSeconds) * seconds));
    }
}
