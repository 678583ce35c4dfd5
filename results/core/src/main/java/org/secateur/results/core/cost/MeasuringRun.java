package org.secateur.results.core.cost;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.secateur.results.core.Workload;
import org.secateur.results.core.statistics.OrderStatistics;
import org.secateur.results.core.statistics.Pair;
import org.secateur.results.core.statistics.PairedComparison;

/**
 * How one process measured rows of a table under the same options: what each of these rows rests on.
 *
 * @param command its name and what it worked on
 * @param seed of its random choices
 * @param tool what it was built from: {@code version} and {@code commit}
 * @param options how it measured, by name with SI units: {@link #HALF_WIDTH} and others
 * @param calibration what clock and sensors were found to be, by name with SI units
 * @param control the reference compared with itself; every run that stores rows has one
 * @param heldOut how far interpolation is off, where the run told
 */
public record MeasuringRun(
        String command,
        long seed,
        Instant startedAt,
        Map<String, String> tool,
        Map<String, Double> options,
        Map<String, Double> calibration,
        Optional<Reference> control,
        Optional<HeldOutError> heldOut) {
    /** The option of the interval's half-width on the log scale, above which a row is WIDE. */
    public static final String HALF_WIDTH = "halfWidth";

    /** The option of the intervals' confidence. */
    public static final String CONFIDENCE = "confidence";

    /** The option of the share of disturbed blocks above which a row is CONTENDED or INVALID. */
    public static final String FLAG_FRACTION = "flagFraction";

    public MeasuringRun {
        tool = Collections.unmodifiableMap(new TreeMap<>(tool));
        options = Collections.unmodifiableMap(new TreeMap<>(options));
        calibration = Collections.unmodifiableMap(new TreeMap<>(calibration));
    }

    /** The run's control: a workload against itself. */
    public record Reference(Workload workload, PairedComparison comparison) {
        /** The median seconds of the workload, by which runs of different days can be compared. */
        public double seconds() {
            return OrderStatistics.median(
                    comparison.samples().stream().mapToDouble(Pair::baseline).toArray());
        }
    }

    /** An option's value. */
    public OptionalDouble option(String name) {
        Double value = options.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** The same under these options. */
    public MeasuringRun under(Map<String, Double> asked) {
        return new MeasuringRun(command, seed, startedAt, tool, asked, calibration, control, heldOut);
    }

    /** The same with further findings of a calibration. */
    public MeasuringRun calibrated(Map<String, Double> findings) {
        Map<String, Double> all = new TreeMap<>(calibration);
        all.putAll(findings);
        return new MeasuringRun(command, seed, startedAt, tool, options, all, control, heldOut);
    }

    /** The same with its control. */
    public MeasuringRun controlled(Reference found) {
        return new MeasuringRun(command, seed, startedAt, tool, options, calibration, Optional.of(found), heldOut);
    }

    /** The same with its held-out error. */
    public MeasuringRun judged(HeldOutError error) {
        return new MeasuringRun(command, seed, startedAt, tool, options, calibration, control, Optional.of(error));
    }
}
