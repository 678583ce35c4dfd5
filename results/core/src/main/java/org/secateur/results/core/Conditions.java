package org.secateur.results.core;

import java.util.Map;
import java.util.TreeMap;

/**
 * The state of device and host at one moment, as named readings with the unit in the name, for example
 * {@code coreClockHertz} or {@code temperatureCelsius}. A reading that is not to be had is absent. After a measurement
 * they also tell how it went: {@code autocorrelation} of its blocks, {@code effectiveBlocks}, {@code discardFraction},
 * and, of one that is bimodal, {@code fastModeSeconds}, {@code slowModeSeconds} and {@code slowModeShare}.
 */
public record Conditions(Map<String, Double> readings) {
    public static final Conditions NONE = new Conditions(Map.of());

    public Conditions {
        readings.forEach((name, value) -> {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("reading " + name + " is " + value + ": leave out what is unknown");
            }
        });
        readings = java.util.Collections.unmodifiableMap(new TreeMap<>(readings));
    }
}
