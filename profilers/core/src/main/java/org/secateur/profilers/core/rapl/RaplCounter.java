package org.secateur.profilers.core.rapl;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.EnergyReading;
import org.secateur.results.core.SecateurException;

/**
 * One zone's energy since it was opened, across wrap-arounds of the kernel's counter. Used by one thread. It must be
 * read at least every {@link #longestGapSeconds()}; a gap in which the counter may have wrapped unseen, and a step that
 * no processor can make, are errors and never numbers.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/power/powercap/powercap.html">Linux power capping framework</a>
 */
public final class RaplCounter {
    /** The counters are updated about every millisecond (Intel SDM, volume 3B, 16.10). */
    public static final double PERIOD_SECONDS = 1e-3;

    /** More than any socket takes; the limit where the kernel tells none, or an unlimited one. */
    private static final double CEILING_WATTS = 1000;

    /** Energy may show up so much later than it was used. */
    private static final double LATE_SECONDS = 0.05;

    /** The hardware counts in 32 bits. */
    private static final double STEPS = 0x1p32;

    private static final String FIX = "open the counter anew, and measure again";

    private final RaplZone zone;
    private final ZoneFiles files;
    private final LongSupplier nanoTime;
    private final long rangeMicrojoules;
    private final double kernelLimitWatts;

    private long lastMicrojoules;
    private long lastNanoTime;
    private long totalMicrojoules;
    private @Nullable SecateurException broken;

    RaplCounter(RaplZone zone, ZoneFiles files, LongSupplier nanoTime) {
        this.zone = zone;
        this.files = files;
        this.nanoTime = nanoTime;
        this.rangeMicrojoules = files.number(zone.directory(), "max_energy_range_uj");
        this.kernelLimitWatts = kernelLimitWatts(zone, files);
        this.lastMicrojoules = counter();
        this.lastNanoTime = nanoTime.getAsLong();
    }

    /** The largest power limit, which may be that of some seconds; 0 where the kernel tells none. */
    private static double kernelLimitWatts(RaplZone zone, ZoneFiles files) {
        return Stream.of("constraint_0_power_limit_uw", "constraint_0_max_power_uw", "constraint_1_power_limit_uw")
                .mapToDouble(file -> optional(zone, files, file) / 1e6)
                .max()
                .orElseThrow();
    }

    /** A file's number, or 0: parts have no limits, and older processors only some of them. */
    private static long optional(RaplZone zone, ZoneFiles files, String file) {
        try {
            return files.number(zone.directory(), file);
        } catch (SecateurException e) {
            return 0;
        }
    }

    /** What it counts. */
    public RaplZone zone() {
        return zone;
    }

    /** The power above which a rise cannot be true, in watts: twice the limit, since short bursts exceed it. */
    public double limitWatts() {
        return kernelLimitWatts > 0 ? Math.min(2 * kernelLimitWatts, CEILING_WATTS) : CEILING_WATTS;
    }

    /** The limit that its power is kept below, in watts; empty where the kernel tells none that limits anything. */
    public OptionalDouble powerLimitWatts() {
        return kernelLimitWatts > 0 && kernelLimitWatts < CEILING_WATTS
                ? OptionalDouble.of(kernelLimitWatts)
                : OptionalDouble.empty();
    }

    /** The hardware's energy unit, in joules; 15 to 61 microjoules on most processors. */
    public double resolutionJoules() {
        return rangeMicrojoules / 1e6 / STEPS;
    }

    /** How often it must be read, in seconds: twice as often as the counter can wrap at most. */
    public double longestGapSeconds() {
        return wrapSeconds() / 2;
    }

    private double wrapSeconds() {
        return rangeMicrojoules / 1e6 / limitWatts();
    }

    /**
     * The energy since it was opened.
     *
     * @throws SecateurException when the counter cannot be read, was not read for too long, or made an impossible step;
     *     after either of the last two every reading fails
     */
    public EnergyReading read() {
        if (broken != null) {
            throw broken;
        }
        long before = nanoTime.getAsLong();
        long now = counter();
        long moment = before + (nanoTime.getAsLong() - before) / 2;
        double seconds = (moment - lastNanoTime) / 1e9;
        long step = now - lastMicrojoules;
        if (step < 0) {
            step += rangeMicrojoules; // it wraps there
        }
        if (seconds >= wrapSeconds()) {
            throw breakWith(String.format(
                    Locale.ROOT,
                    "the energy counter was not read for %.0f s, in which it may have wrapped more than once",
                    seconds));
        }
        if (step / 1e6 > limitWatts() * (seconds + LATE_SECONDS)) {
            throw breakWith(String.format(
                    Locale.ROOT,
                    "the energy counter went from %d to %d uJ in %.6f s, which is more than %.0f W: it was reset",
                    lastMicrojoules,
                    now,
                    seconds,
                    limitWatts()));
        }
        lastMicrojoules = now;
        lastNanoTime = moment;
        totalMicrojoules += step;
        return new EnergyReading(totalMicrojoules / 1e6, moment);
    }

    private SecateurException breakWith(String what) {
        SecateurException failure = SecateurException.environment(what, zone.name(), FIX);
        broken = failure;
        return failure;
    }

    private long counter() {
        long microjoules = files.number(zone.directory(), "energy_uj");
        if (microjoules > rangeMicrojoules) {
            throw SecateurException.environment(
                    "the energy counter is at " + microjoules + " uJ, above its range of " + rangeMicrojoules,
                    zone.name(),
                    "update the kernel, or measure time only");
        }
        return microjoules;
    }
}
