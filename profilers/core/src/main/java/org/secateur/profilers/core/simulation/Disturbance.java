package org.secateur.profilers.core.simulation;

import java.util.function.DoubleUnaryOperator;

/**
 * What disturbs a {@link SimulatedDevice}. The functions take the virtual time in seconds.
 *
 * @param noise standard deviation of the logarithm of each sample
 * @param drift factor on every time, 1 for none
 * @param steal share of the processor that is stolen, 0 to below 1; it stretches every time and is counted as steal
 * @param switchesPerSecond involuntary context switches, counted but without effect
 * @param stopped share of the time in which the process stands still unaccounted, as when it is suspended
 * @param collecting share of the time in which the process stands still for garbage collection
 * @param firstLaunchFactor how much longer the first launch of a kernel takes than a later one
 * @param warmUpFactor how much longer the launches after it take at first, decaying to 1
 * @param warmUpSeconds time constant of that decay
 */
public record Disturbance(
        double noise,
        DoubleUnaryOperator drift,
        DoubleUnaryOperator steal,
        DoubleUnaryOperator switchesPerSecond,
        DoubleUnaryOperator stopped,
        DoubleUnaryOperator collecting,
        double firstLaunchFactor,
        double warmUpFactor,
        double warmUpSeconds) {
    /** None at all. */
    public static final Disturbance NONE = new Disturbance(0, t -> 1, t -> 0, t -> 0, t -> 0, t -> 0, 1, 1, 1);

    /** The same with noise. */
    public Disturbance withNoise(double sigma) {
        return new Disturbance(
                sigma,
                drift,
                steal,
                switchesPerSecond,
                stopped,
                collecting,
                firstLaunchFactor,
                warmUpFactor,
                warmUpSeconds);
    }

    /** The same with drift. */
    public Disturbance withDrift(DoubleUnaryOperator factor) {
        return new Disturbance(
                noise,
                factor,
                steal,
                switchesPerSecond,
                stopped,
                collecting,
                firstLaunchFactor,
                warmUpFactor,
                warmUpSeconds);
    }

    /** The same with stolen time. */
    public Disturbance withSteal(DoubleUnaryOperator share) {
        return new Disturbance(
                noise,
                drift,
                share,
                switchesPerSecond,
                stopped,
                collecting,
                firstLaunchFactor,
                warmUpFactor,
                warmUpSeconds);
    }

    /** The same with involuntary switches. */
    public Disturbance withSwitches(DoubleUnaryOperator perSecond) {
        return new Disturbance(
                noise, drift, steal, perSecond, stopped, collecting, firstLaunchFactor, warmUpFactor, warmUpSeconds);
    }

    /** The same with time in which the process is stopped. */
    public Disturbance withStops(DoubleUnaryOperator share) {
        return new Disturbance(
                noise,
                drift,
                steal,
                switchesPerSecond,
                share,
                collecting,
                firstLaunchFactor,
                warmUpFactor,
                warmUpSeconds);
    }

    /** The same with garbage collection. */
    public Disturbance withCollections(DoubleUnaryOperator share) {
        return new Disturbance(
                noise, drift, steal, switchesPerSecond, stopped, share, firstLaunchFactor, warmUpFactor, warmUpSeconds);
    }

    /** The same with a transient at the start of each kernel. */
    public Disturbance withWarmUp(double firstLaunch, double factor, double seconds) {
        return new Disturbance(
                noise, drift, steal, switchesPerSecond, stopped, collecting, firstLaunch, factor, seconds);
    }
}
