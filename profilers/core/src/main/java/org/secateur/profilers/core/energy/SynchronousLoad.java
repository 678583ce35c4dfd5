package org.secateur.profilers.core.energy;

import org.secateur.profilers.core.Kernel;

/**
 * A load that waits for its launches, as kernels on the host's own processor do. The device idles while a sensor is
 * read; where that takes more than a small share of the time, the meter says so and gives no number.
 */
public final class SynchronousLoad implements Load {
    private final Kernel kernel;
    private final HostTime time;
    private final int launchesPerStretch;
    private final LaunchLog log = new LaunchLog();

    /**
     * A load of one kernel, which stays its owner's to close.
     *
     * @param launchesPerStretch launches between two looks at the clock, so many that they last milliseconds
     */
    public SynchronousLoad(Kernel kernel, HostTime time, int launchesPerStretch) {
        if (launchesPerStretch < 1) {
            throw new IllegalArgumentException(launchesPerStretch + " launches a stretch: at least 1 is needed");
        }
        this.kernel = kernel;
        this.time = time;
        this.launchesPerStretch = launchesPerStretch;
    }

    @Override
    public void run(double seconds) {
        double from = time.seconds();
        double until = from + seconds;
        while (from < until) {
            for (int i = 0; i < launchesPerStretch; i++) {
                kernel.launch();
            }
            kernel.synchronize();
            double to = time.seconds();
            log.add(from, to, launchesPerStretch);
            from = to;
        }
    }

    @Override
    public void finish() {}

    @Override
    public Progress at(double seconds) {
        return new Progress(log.launches(seconds), log.busySeconds(seconds), seconds);
    }
}
