package org.secateur.profilers.core.simulation;

/** The time of a simulation, in seconds since its start: only what runs, reads or waits moves it. */
public final class VirtualClock {
    private double now;

    /** Seconds since the start. */
    public double seconds() {
        return now;
    }

    /** Lets so many seconds pass. */
    public void pass(double seconds) {
        if (!(seconds >= 0)) {
            throw new IllegalArgumentException("time cannot pass by " + seconds + " s: at least 0 is needed");
        }
        now += seconds;
    }

    /** Lets the time pass until then, unless it is past. */
    void passUntil(double seconds) {
        now = Math.max(now, seconds);
    }
}
