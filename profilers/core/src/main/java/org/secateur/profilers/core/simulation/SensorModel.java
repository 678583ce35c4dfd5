package org.secateur.profilers.core.simulation;

import java.util.function.DoubleUnaryOperator;

/**
 * A sensor of a {@link SimulatedBoard}. It is renewed periodically with the mean power over a window that ends some time
 * before; an energy counter adds that mean times its period.
 *
 * @param updateSeconds its period
 * @param windowSeconds over which each reading averages: a part of the period, or more than it
 * @param delaySeconds from the window's end to the renewal
 * @param jitterSeconds by which a renewal appears early or late at most, around a constant delay; below half the period
 * @param gain factor on the power
 * @param offsetWatts added to it
 * @param noise standard deviation of each renewal, relative
 * @param drift factor on the gain over the virtual time in seconds
 * @param callSeconds what a reading costs the reader
 * @param lossPerRead share of the period's energy that each reading loses which follows another within 20 ms
 */
public record SensorModel(
        double updateSeconds,
        double windowSeconds,
        double delaySeconds,
        double jitterSeconds,
        double gain,
        double offsetWatts,
        double noise,
        DoubleUnaryOperator drift,
        double callSeconds,
        double lossPerRead) {
    /** An energy counter as found on boards of 2020 and later: 100 ms, slow to read, fed by a quarter of the time. */
    public static final SensorModel COUNTER = new SensorModel(0.1, 0.025, 0, 0.002, 1, 0, 0, t -> 1, 0.0024, 0);

    /** Instant power of the same boards. */
    public static final SensorModel INSTANT = new SensorModel(0.1, 0.025, 0, 0, 1, 0, 0, t -> 1, 0.5e-6, 0);

    /** Average power of the same boards: a running mean over a second. */
    public static final SensorModel AVERAGE = new SensorModel(0.1, 1, 0, 0, 1, 0, 0, t -> 1, 0.5e-6, 0);

    /** A processor's own counter: a millisecond, all of the time, read in microseconds. */
    public static final SensorModel PROCESSOR = new SensorModel(1e-3, 1e-3, 0, 0, 1, 0, 0, t -> 1, 5e-6, 0);

    public SensorModel {
        if (!(updateSeconds > 0)
                || !(windowSeconds > 0)
                || !(delaySeconds >= 0)
                || !(jitterSeconds >= 0 && 2 * jitterSeconds < updateSeconds)) {
            throw new IllegalArgumentException("sensor renewed every " + updateSeconds + " s with a window of "
                    + windowSeconds + " s, delay " + delaySeconds + " s, jitter " + jitterSeconds
                    + " s: period and window must be positive, the jitter below half the period");
        }
    }

    /** The same with another period, window and delay. */
    public SensorModel withTiming(double update, double window, double delay) {
        return new SensorModel(
                update, window, delay, jitterSeconds, gain, offsetWatts, noise, drift, callSeconds, lossPerRead);
    }

    /** The same with another jitter. */
    public SensorModel withJitter(double seconds) {
        return new SensorModel(
                updateSeconds,
                windowSeconds,
                delaySeconds,
                seconds,
                gain,
                offsetWatts,
                noise,
                drift,
                callSeconds,
                lossPerRead);
    }

    /** The same with an error of gain and offset. */
    public SensorModel withGain(double factor, double watts) {
        return new SensorModel(
                updateSeconds,
                windowSeconds,
                delaySeconds,
                jitterSeconds,
                factor,
                watts,
                noise,
                drift,
                callSeconds,
                lossPerRead);
    }

    /** The same with noise and a drifting gain. */
    public SensorModel withNoise(double sigma, DoubleUnaryOperator gainDrift) {
        return new SensorModel(
                updateSeconds,
                windowSeconds,
                delaySeconds,
                jitterSeconds,
                gain,
                offsetWatts,
                sigma,
                gainDrift,
                callSeconds,
                lossPerRead);
    }

    /** The same disturbed by reading it often. */
    public SensorModel withLossPerRead(double share) {
        return new SensorModel(
                updateSeconds,
                windowSeconds,
                delaySeconds,
                jitterSeconds,
                gain,
                offsetWatts,
                noise,
                drift,
                callSeconds,
                share);
    }
}
