package org.secateur.results.core;

/**
 * A raw sample of energy: what a device's counter rose by between two of its ticks, under a load that never paused.
 *
 * @param launches between the two ticks, with the fractions of those under way
 * @param joules by which the counter rose, idle power included
 * @param seconds between the two ticks
 */
public record EnergySample(double launches, double joules, double seconds) {
    public EnergySample {
        if (!(launches > 0) || !(joules >= 0) || !(seconds > 0)) {
            throw new IllegalArgumentException(launches + " launches of " + joules + " J in " + seconds
                    + " s: launches and seconds must be positive, joules not negative");
        }
    }

    /** Joules of one launch. */
    public double joulesPerLaunch() {
        return joules / launches;
    }
}
