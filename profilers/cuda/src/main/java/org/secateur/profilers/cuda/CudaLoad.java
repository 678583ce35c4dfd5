package org.secateur.profilers.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.energy.LaunchLog;
import org.secateur.profilers.core.energy.Load;

/**
 * A kernel that keeps a GPU busy without a gap: stretches of replays of its graph, some of them always queued, so that
 * the GPU works on while a sensor is read. Events around each stretch tell how far it was, on the GPU's clock, which two
 * moments at which the host saw an event tie to the host's. Used by the thread that opened the device; the kernel stays
 * its owner's to close.
 */
public final class CudaLoad implements Load {
    /** A fifth of the tick of common energy counters. */
    private static final double STRETCH_SECONDS = 0.02;

    /** Two are queued while the host looks at the third. */
    private static final int QUEUED = 3;

    /** Below it the two clocks cannot be told apart by two readings. */
    private static final double LEAST_SPAN_SECONDS = 0.1;

    private record Stretch(Event start, Event end) {}

    private final Gpu gpu;
    private final Replayable kernel;
    private final HostTime time;
    private final int replays;
    private final Resources resources = new Resources();
    private final Event origin;
    private final double originHostSeconds;
    private final Deque<Stretch> queued = new ArrayDeque<>();
    private final Deque<Stretch> spare = new ArrayDeque<>();
    private final LaunchLog log = new LaunchLog();
    private double doneSeconds;
    private double hostSecondsPerDeviceSecond = 1;

    CudaLoad(Gpu gpu, EventTimer timer, Replayable kernel, HostTime time) {
        this.gpu = gpu;
        this.kernel = kernel;
        this.time = time;
        int each = kernel.launchesPerReplay();
        replays = (int) Math.ceil(STRETCH_SECONDS / (timer.secondsPerLaunch(kernel, each) * each));
        try {
            origin = resources.add(new Event(gpu));
            gpu.synchronize();
            origin.record();
            origin.await();
            originHostSeconds = time.seconds();
            for (int i = 0; i < QUEUED; i++) {
                spare.add(new Stretch(resources.add(new Event(gpu)), resources.add(new Event(gpu))));
            }
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    @Override
    public void run(double seconds) {
        double until = time.seconds() + seconds;
        fill();
        for (double left = seconds; left > 0; left = until - time.seconds()) {
            time.sleep(Math.min(left, STRETCH_SECONDS / 2));
            fill();
        }
    }

    /** Takes down what is done, and enqueues as much again. */
    private void fill() {
        while (!queued.isEmpty() && queued.peek().end().reached()) {
            takeDown();
        }
        while (!spare.isEmpty()) {
            Stretch stretch = spare.remove();
            queued.add(stretch);
            stretch.start().record();
            for (int i = 0; i < replays; i++) {
                kernel.replay();
            }
            stretch.end().record();
        }
    }

    private void takeDown() {
        Stretch stretch = queued.remove();
        // Rounding may put a start before the end that it follows.
        double from = Math.max(stretch.start().secondsSince(origin), doneSeconds);
        doneSeconds = Math.max(stretch.end().secondsSince(origin), from);
        log.add(from, doneSeconds, replays * kernel.launchesPerReplay());
        spare.add(stretch);
    }

    @Override
    public void finish() {
        if (queued.isEmpty()) {
            return;
        }
        queued.getLast().end().await();
        double hostSeconds = time.seconds() - originHostSeconds;
        while (!queued.isEmpty()) {
            takeDown();
        }
        if (doneSeconds > LEAST_SPAN_SECONDS) {
            hostSecondsPerDeviceSecond = hostSeconds / doneSeconds;
        }
    }

    @Override
    public Progress at(double seconds) {
        double device = (seconds - originHostSeconds) / hostSecondsPerDeviceSecond;
        return new Progress(log.launches(device), log.busySeconds(device), device);
    }

    /** Waits for what is queued, and releases the events. */
    @Override
    public void close() {
        resources.add(gpu::synchronize); // before the events
        resources.close();
    }
}
