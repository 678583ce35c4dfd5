package org.secateur.profilers.core.energy;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the sensors of one device were found to be. It belongs to that device and driver only, and is stored with the
 * results that rest on it.
 *
 * @param device as {@link EnergySource#device()}
 * @param power null where there is no such sensor
 * @param idleWatts power without work but ready for it, some seconds after work
 */
public record SensorCalibration(
        String device, Counter counter, @Nullable Power power, double idleWatts) {
    /**
     * The energy counter.
     *
     * @param tickSeconds its mean period
     * @param jitterSeconds standard deviation of a tick's moment, the spacing of the readings included: at most this
     * @param callSeconds what a reading costs
     * @param safeReadHertz the highest rate tried at which reading did not change what it counts
     */
    public record Counter(double tickSeconds, double jitterSeconds, double callSeconds, double safeReadHertz) {
        public Counter {
            if (!(tickSeconds > 0) || !(jitterSeconds >= 0) || !(callSeconds >= 0) || !(safeReadHertz > 0)) {
                throw new IllegalArgumentException("counter with a tick of " + tickSeconds + " s, jitter "
                        + jitterSeconds + " s, call " + callSeconds + " s, safe at " + safeReadHertz
                        + " Hz: tick and rate must be positive, the others not negative");
            }
        }
    }

    /**
     * The power sensor.
     *
     * @param updateSeconds how often it is renewed
     * @param riseSeconds from 10 to 90 % of a step
     * @param delaySeconds from the end of the time that a reading averages over to its appearance
     * @param windowSeconds the time that a reading averages over
     * @param callSeconds what a reading costs
     */
    public record Power(
            double updateSeconds, double riseSeconds, double delaySeconds, double windowSeconds, double callSeconds) {
        public Power {
            if (!(updateSeconds > 0)
                    || !(riseSeconds >= 0)
                    || !(delaySeconds >= 0)
                    || !(windowSeconds > 0)
                    || !(callSeconds >= 0)) {
                throw new IllegalArgumentException("power sensor renewed every " + updateSeconds + " s, rise "
                        + riseSeconds + " s, delay " + delaySeconds + " s, window " + windowSeconds + " s, call "
                        + callSeconds + " s: update and window must be positive, the others not negative");
            }
        }

        /** The share of time that it sees, 1 where its windows touch or overlap. */
        public double duty() {
            return Math.min(1, windowSeconds / updateSeconds);
        }
    }

    public SensorCalibration {
        if (!(idleWatts >= 0)) {
            throw new IllegalArgumentException("idle power of " + idleWatts + " W: must not be negative");
        }
    }

    /** How long a change of power takes to reach the readings; 0 where that is unknown. */
    double riseSeconds() {
        return power == null ? 0 : power.riseSeconds();
    }

    /** The numbers by name, with SI units, as they are stored. */
    public Map<String, Double> readings() {
        Map<String, Double> readings = new TreeMap<>();
        readings.put("counterTickSeconds", counter.tickSeconds());
        readings.put("counterJitterSeconds", counter.jitterSeconds());
        readings.put("counterCallSeconds", counter.callSeconds());
        readings.put("counterSafeReadHertz", counter.safeReadHertz());
        readings.put("idleWatts", idleWatts);
        if (power != null) {
            readings.put("powerUpdateSeconds", power.updateSeconds());
            readings.put("powerRiseSeconds", power.riseSeconds());
            readings.put("powerDelaySeconds", power.delaySeconds());
            readings.put("powerWindowSeconds", power.windowSeconds());
            readings.put("powerCallSeconds", power.callSeconds());
        }
        return readings;
    }

    /**
     * The calibration of a device from its stored {@link #readings()}.
     *
     * @throws IllegalArgumentException when one of the numbers is not there
     */
    public static SensorCalibration of(String device, Map<String, Double> readings) {
        Counter counter = new Counter(
                number(readings, "counterTickSeconds"),
                number(readings, "counterJitterSeconds"),
                number(readings, "counterCallSeconds"),
                number(readings, "counterSafeReadHertz"));
        @Nullable
        Power power = readings.containsKey("powerUpdateSeconds")
                ? new Power(
                        number(readings, "powerUpdateSeconds"),
                        number(readings, "powerRiseSeconds"),
                        number(readings, "powerDelaySeconds"),
                        number(readings, "powerWindowSeconds"),
                        number(readings, "powerCallSeconds"))
                : null;
        return new SensorCalibration(device, counter, power, number(readings, "idleWatts"));
    }

    private static double number(Map<String, Double> readings, String name) {
        Double value = readings.get(name);
        if (value == null) {
            throw new IllegalArgumentException("calibration without " + name + ": it has " + readings.keySet());
        }
        return value;
    }
}
