package org.secateur.results.core;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The state of device and host at one moment, as named readings with the unit in the name, for example
 * {@code coreClockHertz} or {@code temperatureCelsius}. A reading that is not to be had is absent. After a measurement
 * they also tell how it went: {@code autocorrelation} of its blocks, {@code effectiveBlocks}, {@code discardFraction},
 * {@code utilisation}, and, of one that is bimodal, {@code fastModeSeconds}, {@code slowModeSeconds} and {@code slowModeShare}.
 */
public record Conditions(Map<String, Double> readings) {
    public static final Conditions NONE = new Conditions(Map.of());

    /** What the name of a running total of time with lowered clocks begins with: {@code heldBackByPowerSeconds}. */
    public static final String HELD_BACK = "heldBackBy";

    /** The reading of the clock that kernels run at. */
    public static final String CORE_CLOCK = "coreClockHertz";

    /** The reading of the share of all processors' time, 0 to 1, that this process used in the blocks. */
    public static final String UTILISATION = "utilisation";

    /** The reading of how many other processes compute on the device. */
    public static final String FOREIGN_PROCESSES = "foreignProcesses";

    public Conditions {
        readings.forEach((name, value) -> {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("reading " + name + " is " + value + ": leave out what is unknown");
            }
        });
        readings = java.util.Collections.unmodifiableMap(new TreeMap<>(readings));
    }

    /** Whether the clocks were lowered for some of the time since {@code earlier}. */
    public boolean throttledSince(Conditions earlier) {
        return readings.entrySet().stream()
                .filter(total -> total.getKey().startsWith(HELD_BACK))
                .anyMatch(total ->
                        total.getValue() > earlier.readings.getOrDefault(total.getKey(), Double.POSITIVE_INFINITY));
    }

    /** Whether the device counts the time with lowered clocks. */
    public boolean countsThrottling() {
        return readings.keySet().stream().anyMatch(name -> name.startsWith(HELD_BACK));
    }

    /** The utilisation, where it is known. */
    public OptionalDouble utilisation() {
        Double share = readings.get(UTILISATION);
        return share == null ? OptionalDouble.empty() : OptionalDouble.of(share);
    }

    /** Whether another process computed on the device. */
    public boolean contended() {
        return readings.getOrDefault(FOREIGN_PROCESSES, 0.0) > 0;
    }
}
