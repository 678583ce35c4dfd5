package org.secateur.profilers.core.energy;

import java.util.ArrayList;
import java.util.List;

/** When the launches of a {@link Load} ran, from which its progress at any moment follows. */
public final class LaunchLog {
    private record Stretch(double from, double to, int launches, long launchesBefore, double busyBefore) {}

    private final List<Stretch> stretches = new ArrayList<>();

    /** So many launches ran back to back from one moment to another, both no earlier than those before. */
    public void add(double from, double to, int launches) {
        long before = 0;
        double busy = 0;
        if (!stretches.isEmpty()) {
            Stretch last = stretches.get(stretches.size() - 1);
            if (from < last.to()) {
                throw new IllegalArgumentException("launches from " + from + " s overlap those until " + last.to());
            }
            before = last.launchesBefore() + last.launches();
            busy = last.busyBefore() + last.to() - last.from();
        }
        stretches.add(new Stretch(from, to, launches, before, busy));
    }

    /** Launches done until a moment, with the fraction of what was under way. */
    public double launches(double seconds) {
        Stretch stretch = lastBefore(seconds);
        return stretch.launchesBefore() + share(stretch, seconds) * stretch.launches();
    }

    /** Seconds spent on them. */
    public double busySeconds(double seconds) {
        Stretch stretch = lastBefore(seconds);
        return stretch.busyBefore() + share(stretch, seconds) * (stretch.to() - stretch.from());
    }

    private static double share(Stretch stretch, double seconds) {
        double length = stretch.to() - stretch.from();
        return length > 0 ? Math.clamp((seconds - stretch.from()) / length, 0.0, 1.0) : 1;
    }

    private Stretch lastBefore(double seconds) {
        int low = 0;
        int high = stretches.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (stretches.get(middle).from() <= seconds) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? new Stretch(0, 0, 0, 0, 0) : stretches.get(low - 1);
    }
}
