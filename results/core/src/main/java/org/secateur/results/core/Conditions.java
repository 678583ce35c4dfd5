package org.secateur.results.core;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The state of device and host at one moment, as named readings with the unit in the name, for example
 * {@code coreClockHertz} or {@code temperatureCelsius}. A reading that is not to be had is absent. After a measurement
 * they also tell how it went: {@code autocorrelation} of its blocks, {@code effectiveBlocks}, how many blocks were
 * measured in all ({@link #MEASURED_BLOCKS}) and the share of them that was disturbed and thrown away, of how many samples
 * the first ones were ({@link #FIRST_BLOCK_SAMPLES}), the {@link #UTILISATION}, and, of one that is bimodal,
 * {@code fastModeSeconds}, {@code slowModeSeconds} and {@code slowModeShare}.
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

    /** The reading of how many blocks were measured, rejected ones and those that were joined later included. */
    public static final String MEASURED_BLOCKS = "measuredBlocks";

    /** The reading of how many samples a block had before blocks were lengthened: two modes are sought at that length. */
    public static final String FIRST_BLOCK_SAMPLES = "firstBlockSamples";

    /** The reading of which share of all blocks, 0 to 1, had a cause for rejection. */
    public static final String DISTURBED_FRACTION = "disturbedFraction";

    /** The reading of which share of all blocks, 0 to 1, was thrown away. */
    public static final String DISCARD_FRACTION = "discardFraction";

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
