package org.secateur.profilers.core.energy;

import org.secateur.results.core.Quantity;

/**
 * One window of energy, from a tick of the counter to another: the raw sample of an energy measurement.
 *
 * @param seconds between the two ticks, on the host's clock
 * @param joules by which the counter rose
 * @param launches of the load between them, with fractions at both ends
 * @param busySeconds for which the device worked on them
 * @param deviceSeconds between the two ticks, on the device's own clock
 * @param edgeSeconds the uncertainty of the window's length: half the time between the two readings around each tick,
 *     both ends added
 * @param integratedJoules the integral of the sampled power over the window, missing where there is no such sensor
 * @param before the device's state when the window began
 * @param after the device's state when it had ended
 */
public record EnergyWindow(
        double seconds,
        double joules,
        double launches,
        double busySeconds,
        double deviceSeconds,
        double edgeSeconds,
        Quantity integratedJoules,
        BoardState before,
        BoardState after) {

    /** Mean power. */
    public double watts() {
        return joules / seconds;
    }

    /** Joules of one launch. */
    public double joulesPerLaunch() {
        return joules / launches;
    }

    /** Seconds of one launch, pauses included. */
    public double secondsPerLaunch() {
        return seconds / launches;
    }

    /** The share of the window in which the device had nothing to do; below 0 where its clock runs fast. */
    public double gapShare() {
        return 1 - busySeconds / seconds;
    }

    /** Joules beyond those of a device that idles at {@code idleWatts}. */
    public double netJoulesPerLaunch(double idleWatts) {
        return (joules - idleWatts * seconds) / launches;
    }
}
