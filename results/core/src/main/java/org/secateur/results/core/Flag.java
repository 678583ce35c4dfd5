package org.secateur.results.core;

import java.util.EnumSet;
import java.util.Set;

/**
 * A warning that travels with a measurement. Some warn of the seconds only, some of counted joules only, and some of
 * both: a row may have a good time beside rough joules. Joules that a model told from the seconds are as good as those,
 * and have their flags.
 */
public enum Flag {
    /** The time's interval is wider than was asked for. */
    WIDE(Of.TIME),
    /** Two clearly separated modes of time, for which there is no single number. */
    BIMODAL(Of.TIME),
    /** The device lowered its clocks for heat or power in more blocks of time than may be rejected. */
    THROTTLED(Of.TIME),
    /** Another process or the hypervisor took the processor in more blocks of time than may be rejected. */
    CONTENDED(Of.TIME),
    /** No steady state of time within the warm-up's cap. */
    NO_STEADY_STATE(Of.TIME),
    /** Two independent ways of measuring the joules differ. */
    DISAGREE(Of.ENERGY),
    /** More than a fifth of the blocks were disturbed, or the run's control differed from itself. */
    INVALID(Of.BOTH),
    /** Faster, or at another power, than the device can be. */
    IMPLAUSIBLE(Of.BOTH),
    /** The joules' interval is wider than was asked for, as that of a single window always is. */
    ENERGY_WIDE(Of.ENERGY),
    /** Windows of energy were rejected because the device lowered its clocks. */
    ENERGY_THROTTLED(Of.ENERGY),
    /** Windows of energy were rejected because another process worked on the device. */
    ENERGY_CONTENDED(Of.ENERGY),
    /** Windows of energy began at another temperature than was asked for. */
    ENERGY_UNSETTLED(Of.ENERGY),
    /** The joules of the run's control differed from themselves. */
    ENERGY_INVALID(Of.ENERGY);

    private enum Of {
        TIME,
        ENERGY,
        BOTH
    }

    private final Of of;

    Flag(Of of) {
        this.of = of;
    }

    /** Those of a measurement's flags that warn of its seconds. */
    public static Set<Flag> ofSeconds(Set<Flag> flags) {
        return without(flags, Of.ENERGY);
    }

    /** Those of a measurement's flags that warn of its joules: of counted ones, or of those that a model told. */
    public static Set<Flag> ofJoules(Set<Flag> flags, Quantity joules) {
        return without(flags, joules.provenance() instanceof Provenance.Modelled ? Of.ENERGY : Of.TIME);
    }

    private static Set<Flag> without(Set<Flag> flags, Of others) {
        Set<Flag> some = EnumSet.noneOf(Flag.class);
        flags.stream().filter(flag -> flag.of != others).forEach(some::add);
        return some;
    }
}
