package org.secateur.results.core;

import java.util.Locale;

/**
 * The part of a training step that a workload belongs to. Convolution and linear layers split their
 * backward pass in {@link #BACKWARD_DATA} and {@link #BACKWARD_WEIGHTS}; every other operation has one
 * {@link #BACKWARD}; only the optimizer has {@link #UPDATE}.
 */
public enum Pass {
    FORWARD,
    BACKWARD,
    BACKWARD_DATA,
    BACKWARD_WEIGHTS,
    UPDATE;

    /** The pass as it stands in canonical workload text, for example {@code backward-data}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
