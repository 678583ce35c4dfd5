package org.secateur.profilers.core.energy;

import java.util.Locale;

/** Why a window of energy gives no number. */
public enum EnergyFault {
    /** The counter does not tick any more. */
    COUNTER_FROZEN(true),
    /** The counter fell and stayed low, as after a reload of its driver. */
    COUNTER_RESET(false),
    /** The counter fell for a moment and came back. */
    COUNTER_GLITCH(false),
    /** The counter rose faster than the device can draw. */
    COUNTER_JUMP(false),
    /** The counter gave something that is not a number. */
    COUNTER_INVALID(true),
    /** The counter cannot be read any more. */
    COUNTER_LOST(true),
    /** The device lowered its clocks. */
    THROTTLED(false),
    /** Somebody else computes on the device. */
    FOREIGN_PROCESS(true),
    /** The device idled between launches, so that its sensors may have sampled the pauses. */
    LOAD_GAPS(true);

    private final boolean ends;

    EnergyFault(boolean ends) {
        this.ends = ends;
    }

    /** Whether another window would meet it again. */
    boolean endsMeasurement() {
        return ends;
    }

    /** The cause as it stands in reports, for example {@code counter frozen}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
