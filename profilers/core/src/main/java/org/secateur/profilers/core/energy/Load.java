package org.secateur.profilers.core.energy;

/**
 * A stream of equal launches that keeps a device busy while a meter reads its sensors. Times are the host's, in seconds
 * of {@link HostTime}. Used by one thread.
 */
public interface Load extends AutoCloseable {
    /**
     * How far a stream is at one moment.
     *
     * @param launches done, with the fraction of the one under way
     * @param busySeconds for which the device worked on them
     * @param deviceSeconds the moment on the device's own clock
     */
    record Progress(double launches, double busySeconds, double deviceSeconds) {}

    /**
     * Keeps the device busy for at least so many seconds and returns then. A load that queues leaves some work queued,
     * so that the device does not idle while a sensor is read.
     */
    void run(double seconds);

    /** Returns when every launch is done. */
    void finish();

    /** How far it was at a moment before the latest {@link #finish()}. */
    Progress at(double seconds);

    /** Releases what the load itself holds, which by default is nothing; its kernel stays open. */
    @Override
    default void close() {}

    /** No load at all: an idle device. */
    static Load idle(HostTime time) {
        return new Load() {
            @Override
            public void run(double seconds) {
                time.sleep(seconds);
            }

            @Override
            public void finish() {}

            @Override
            public Progress at(double seconds) {
                return new Progress(0, 0, seconds);
            }
        };
    }
}
