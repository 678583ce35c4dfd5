package org.secateur.results.core;

/** A warning that travels with a measurement. */
public enum Flag {
    /** The interval is wider than was asked for. */
    WIDE,
    /** Two clearly separated modes, for which there is no single number. */
    BIMODAL,
    /** The device lowered its clocks for heat or power. */
    THROTTLED,
    /** Another process or the hypervisor took the processor. */
    CONTENDED,
    /** No steady state within the warm-up's cap. */
    NO_STEADY_STATE,
    /** Two independent ways of measuring differ. */
    DISAGREE,
    /** More than a fifth of the blocks were disturbed, or the run's control differed from itself. */
    INVALID,
    /** Faster, or at another power, than the device can be. */
    IMPLAUSIBLE
}
