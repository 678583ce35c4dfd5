package org.secateur.results.core.cost;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;

/**
 * What a device can do at most: rows beyond it are wrong, however narrow their interval.
 *
 * @param flopsPerSecond the most floating-point operations per second, two per multiply-accumulate; infinite where
 *     unknown
 * @param bytesPerSecond the most bytes moved per second, from whatever memory; infinite where unknown
 * @param idleWatts the device's power without work
 * @param limitWatts the most power that the device takes
 */
public record Plausibility(
        double flopsPerSecond, double bytesPerSecond, OptionalDouble idleWatts, OptionalDouble limitWatts) {
    /** How far a peak, itself measured, may be exceeded. */
    private static final double RATE_TOLERANCE = 0.10;

    /** How far a power limit may be exceeded: regulation overshoots. */
    private static final double POWER_TOLERANCE = 0.05;

    public Plausibility {
        if (!(flopsPerSecond > 0) || !(bytesPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "peaks of " + flopsPerSecond + " FLOP/s and " + bytesPerSecond + " B/s: both must be positive");
        }
    }

    /** Limits of a device whose power is not known. */
    public static Plausibility ofRates(double flopsPerSecond, double bytesPerSecond) {
        return new Plausibility(flopsPerSecond, bytesPerSecond, OptionalDouble.empty(), OptionalDouble.empty());
    }

    /** Why a row cannot be right, in one sentence; empty where nothing speaks against it. */
    public Optional<String> problem(Measurement row) {
        if (!(row.seconds() instanceof Quantity.Known seconds)) {
            return Optional.empty();
        }
        double time = seconds.number().value();
        Workload workload = row.key().workload();
        double flops = 2.0 * workload.macs() / time;
        if (countsEveryProduct(row.variant().algorithm()) && flops > flopsPerSecond * (1 + RATE_TOLERANCE)) {
            return beyond(flops, "FLOP/s", flopsPerSecond);
        }
        double bytes = workload.bytesMoved() / time;
        if (bytes > bytesPerSecond * (1 + RATE_TOLERANCE)) {
            return beyond(bytes, "B/s", bytesPerSecond);
        }
        return row.joules() instanceof Quantity.Known joules
                ? power(joules.number().value() / time)
                : Optional.empty();
    }

    /** Winograd's and Fourier's algorithms multiply less often than the definition of a convolution. */
    private static boolean countsEveryProduct(String algorithm) {
        String name = algorithm.toUpperCase(Locale.ROOT);
        return !name.contains("WINOGRAD") && !name.contains("FFT");
    }

    private Optional<String> power(double watts) {
        if (limitWatts.isPresent() && watts > limitWatts.getAsDouble() * (1 + POWER_TOLERANCE)) {
            return beyond(watts, "W", limitWatts.getAsDouble());
        }
        return idleWatts.isPresent() && watts < idleWatts.getAsDouble() * (1 - POWER_TOLERANCE)
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "%.3g W are less than the %.3g W of the idle device",
                        watts,
                        idleWatts.getAsDouble()))
                : Optional.empty();
    }

    private static Optional<String> beyond(double value, String unit, double limit) {
        return Optional.of(
                String.format(Locale.ROOT, "%.3g %s are beyond the device's %.3g %s", value, unit, limit, unit));
    }

    /** The row, flagged IMPLAUSIBLE where it cannot be right. */
    public Measurement judged(Measurement row) {
        if (problem(row).isEmpty()) {
            return row;
        }
        Set<Flag> flags = EnumSet.of(Flag.IMPLAUSIBLE);
        flags.addAll(row.flags());
        return row.flagged(flags);
    }
}
