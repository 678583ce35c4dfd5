package org.secateur.profilers.core.energy;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a device says of itself at one moment, as far as it bears on energy.
 *
 * @param throttledSeconds running totals of time with lowered clocks, by reason; empty where there are none
 * @param clock in hertz, null where unknown
 * @param temperature in degrees Celsius, null where unknown
 * @param foreignProcesses ids of other processes that compute on it; a container may hide them
 */
public record BoardState(
        Map<String, Double> throttledSeconds,
        @Nullable Double clock,
        @Nullable Double temperature,
        Set<Long> foreignProcesses) {
    /** Nothing known. */
    public static final BoardState UNKNOWN = new BoardState(Map.of(), null, null, Set.of());

    public BoardState {
        throttledSeconds = Collections.unmodifiableMap(new TreeMap<>(throttledSeconds));
        foreignProcesses = Collections.unmodifiableSet(new TreeSet<>(foreignProcesses));
    }

    /** The clock. */
    public OptionalDouble clockHertz() {
        return clock == null ? OptionalDouble.empty() : OptionalDouble.of(clock);
    }

    /** The temperature. */
    public OptionalDouble temperatureCelsius() {
        return temperature == null ? OptionalDouble.empty() : OptionalDouble.of(temperature);
    }

    /** The reasons whose totals grew since {@code earlier}, with the seconds by which each did. */
    Map<String, Double> throttledSince(BoardState earlier) {
        Map<String, Double> grown = new TreeMap<>();
        throttledSeconds.forEach((reason, seconds) -> {
            double more = seconds - earlier.throttledSeconds.getOrDefault(reason, 0.0);
            if (more > 0) {
                grown.put(reason, more);
            }
        });
        return grown;
    }
}
