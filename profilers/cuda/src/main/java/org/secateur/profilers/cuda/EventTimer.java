package org.secateur.profilers.cuda;

import java.util.OptionalDouble;
import org.secateur.results.core.SecateurException;

/**
 * Times launches by the GPU's own clock, between two events around work of which it is proven that it was queued: the
 * host enqueues behind a shut {@link Gate}, and finds at every later replay that the one before has not ended yet. A
 * timing without that proof is thrown away and repeated.
 */
final class EventTimer implements Resource {
    /** Replays behind the shut gate; a real queue holds about a thousand entries. */
    private static final int HELD = 8;

    private static final int ATTEMPTS = 10;

    private final Gpu gpu;
    private final Resources resources = new Resources();
    private final Gate gate;
    private final Event start;
    private final Event end;
    /** Behind the latest replay and the one before. */
    private final Event[] replays = new Event[2];

    EventTimer(Gpu gpu) {
        this.gpu = gpu;
        try {
            gate = resources.add(new Gate(gpu));
            start = resources.add(new Event(gpu));
            end = resources.add(new Event(gpu));
            for (int i = 0; i < replays.length; i++) {
                replays[i] = resources.add(new Event(gpu));
            }
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** How many launches to time where at least so many are wanted: whole replays, above one. */
    static int launches(Queueable kernel, int atLeast) {
        int each = kernel.launchesPerReplay();
        return atLeast < each ? atLeast : Math.ceilDiv(atLeast, each) * each;
    }

    /**
     * The mean seconds of one launch.
     *
     * @throws SecateurException when the host was too slow again and again
     */
    double secondsPerLaunch(Queueable kernel, int launches) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            OptionalDouble seconds = seconds(kernel, launches);
            if (seconds.isPresent()) {
                return seconds.getAsDouble() / launches;
            }
            gate.wasTooShort();
        }
        throw SecateurException.environment(
                "the host could not enqueue " + launches + " launches fast enough to keep the GPU busy, in " + ATTEMPTS
                        + " attempts",
                gpu.id(),
                "let nothing else run on the host");
    }

    /** Empty where the GPU may have waited for the host. */
    private OptionalDouble seconds(Queueable kernel, int launches) {
        int count = launches / kernel.launchesPerReplay();
        boolean queued;
        gate.shut();
        try {
            start.record();
            for (int i = launches % kernel.launchesPerReplay(); i > 0; i--) {
                kernel.launch();
            }
            for (int i = 0; i < Math.min(count, HELD); i++) {
                replay(kernel, i);
            }
            if (count <= HELD) {
                end.record();
            }
            queued = !start.reached();
        } finally {
            gate.open();
        }
        for (int i = HELD; i < count; i++) {
            replay(kernel, i);
            queued &= !replays[(i - 1) % replays.length].reached();
        }
        if (count > HELD) {
            end.record();
            queued &= !replays[(count - 1) % replays.length].reached();
        }
        end.await();
        return queued ? OptionalDouble.of(end.secondsSince(start)) : OptionalDouble.empty();
    }

    private void replay(Queueable kernel, int i) {
        kernel.replay();
        if (i >= HELD - 1) {
            replays[i % replays.length].record();
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
