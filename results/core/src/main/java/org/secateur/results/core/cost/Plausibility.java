package org.secateur.results.core.cost;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;

/**
 * What a device can do at most: rows beyond it are wrong, however narrow their interval. The limits of its power are
 * those that a row with counted joules tells itself.
 *
 * @param flopsPerSecond the most floating-point operations per second, two per multiply-accumulate; infinite where
 *     unknown
 * @param bytesPerSecond the most bytes moved per second, from whatever memory; infinite where unknown
 */
public record Plausibility(double flopsPerSecond, double bytesPerSecond) {
    /** Judges power alone, where no peaks were measured. */
    public static final Plausibility OF_POWER = new Plausibility(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

    /** How far a peak, itself measured, may be exceeded. */
    private static final double RATE_TOLERANCE = 0.10;

    /** How far power may lie beyond its limits at least, since regulation overshoots: check E-6. */
    private static final double POWER_TOLERANCE = 0.05;

    /** By how much joules by seconds may differ from the power that the energy's own windows saw. */
    private static final double ENERGY_TOLERANCE = 0.10;

    /**
     * Readings that a row has of its own energy: mean power, that of the idle device, the limit that the device keeps it
     * below, and the counter's relative error of gain, by which a true power at the limit may seem to exceed it.
     */
    public static final String WATTS = "watts";

    public static final String IDLE_WATTS = "idleWatts";
    public static final String LIMIT_WATTS = "limitWatts";
    public static final String GAIN_ERROR = "energyAbsoluteError";

    public Plausibility {
        if (!(flopsPerSecond > 0) || !(bytesPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "peaks of " + flopsPerSecond + " FLOP/s and " + bytesPerSecond + " B/s: both must be positive");
        }
    }

    /** What a table's device can do in a workload's arithmetic, by the peaks that the table holds. */
    public static Plausibility of(CostTable table, Workload workload) {
        return Roofline.of(table, workload.dataType(), workload.mathMode(), workload.layout())
                .map(Roofline::plausibility)
                .orElse(OF_POWER);
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
        return row.joules() instanceof Quantity.Known joules && joules.provenance() instanceof Provenance.Measured
                ? power(joules.number().value() / time, row)
                : Optional.empty();
    }

    /** Winograd's and Fourier's algorithms multiply less often than the definition of a convolution. */
    private static boolean countsEveryProduct(String algorithm) {
        String name = algorithm.toUpperCase(Locale.ROOT);
        return !name.contains("WINOGRAD") && !name.contains("FFT");
    }

    /** Power by time and energy, against the device's limits and against the power that the energy's own windows saw. */
    private static Optional<String> power(double watts, Measurement row) {
        double limit = reading(row, LIMIT_WATTS);
        double gain = row.after().readings().getOrDefault(GAIN_ERROR, 0.0);
        if (watts > limit * (1 + Math.max(POWER_TOLERANCE, gain))) {
            return beyond(watts, "W", limit);
        }
        double idle = reading(row, IDLE_WATTS);
        if (watts < idle * (1 - POWER_TOLERANCE)) {
            return Optional.of(
                    String.format(Locale.ROOT, "%.3g W are less than the %.3g W of the idle device", watts, idle));
        }
        double seen = reading(row, WATTS);
        return Math.abs(watts / seen - 1) > ENERGY_TOLERANCE
                ? Optional.of(String.format(
                        Locale.ROOT, "joules by seconds are %.3g W, the energy's windows saw %.3g W", watts, seen))
                : Optional.empty();
    }

    /** NaN, with which every comparison is false, where the row does not tell. */
    private static double reading(Measurement row, String name) {
        return row.after().readings().getOrDefault(name, Double.NaN);
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
