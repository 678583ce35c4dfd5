package org.secateur.profilers.core.nvml;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.secateur.results.core.Conditions;

/**
 * What holds a GPU's clocks back. The driver counts the time of each, so that the difference over a window misses
 * nothing, as polling the present reasons would.
 *
 * <p>The last three numbers are those of drivers up to 580; the header of CUDA 13 gives these numbers to settings of power
 * smoothing. The general reasons {@link #POWER} and {@link #THERMAL} keep theirs and cover them.
 */
public enum EventReason {
    /** The power limit, held by software. */
    POWER(74),
    /** Temperature. */
    THERMAL(75),
    /** Kept at the clock of another GPU. */
    SYNC_BOOST(76),
    /** A limit of the board. */
    BOARD_LIMIT(77),
    /** The voltage's reliability. */
    RELIABILITY(79),
    /** Temperature, by software. */
    SOFTWARE_THERMAL(251),
    /** Temperature, by the hardware itself. */
    HARDWARE_THERMAL(252),
    /** The power supply asked for it. */
    POWER_BRAKE(253);

    private final int field;

    EventReason(int field) {
        this.field = field;
    }

    /** Its number among NVML's fields ({@code NVML_FI_DEV_PERF_POLICY_*}, {@code ..._CLOCKS_EVENT_REASON_*}). */
    int field() {
        return field;
    }

    /** The name of its running total among readings, for example {@code heldBackByBoardLimitSeconds}. */
    public String reading() {
        String words = Arrays.stream(name().split("_", -1))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
        return Conditions.HELD_BACK + words + "Seconds";
    }
}
