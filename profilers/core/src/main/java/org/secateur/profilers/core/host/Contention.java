package org.secateur.profilers.core.host;

/**
 * The counters that tell whether a stretch of time was disturbed, each a running total: what matters is the difference
 * of two readings.
 *
 * @param stealSeconds processor time that the hypervisor gave to others, over all processors
 * @param busySeconds processor time spent by all processes and the kernel, over all processors, without steal
 * @param ownSeconds processor time of this process, over all threads
 * @param involuntarySwitches how often a thread of this process was put aside while it could have gone on
 * @param processors how many processors the totals span
 */
public record Contention(
        double stealSeconds, double busySeconds, double ownSeconds, long involuntarySwitches, int processors) {
    public Contention {
        if (processors < 1) {
            throw new IllegalArgumentException("processors " + processors + " must be at least 1");
        }
    }

    /** The share of all processors' time that was stolen since {@code earlier}, 0 to 1, {@code seconds} ago. */
    public double stealFraction(Contention earlier, double seconds) {
        return share(stealSeconds - earlier.stealSeconds, seconds);
    }

    /** The share of all processors' time that other processes used since {@code earlier}, {@code seconds} ago. */
    public double foreignLoad(Contention earlier, double seconds) {
        double others = (busySeconds - earlier.busySeconds) - (ownSeconds - earlier.ownSeconds);
        return share(others, seconds);
    }

    /** The share of all processors' time that this process used since {@code earlier}, {@code seconds} ago. */
    public double ownLoad(Contention earlier, double seconds) {
        return share(ownSeconds - earlier.ownSeconds, seconds);
    }

    /** Involuntary switches per second and processor since {@code earlier}, {@code seconds} ago. */
    public double switchesPerSecond(Contention earlier, double seconds) {
        return seconds <= 0 ? 0 : (involuntarySwitches - earlier.involuntarySwitches) / seconds / processors;
    }

    private double share(double processorSeconds, double seconds) {
        return seconds <= 0 ? 0 : Math.clamp(processorSeconds / seconds / processors, 0.0, 1.0);
    }
}
