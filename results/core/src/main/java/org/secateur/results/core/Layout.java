package org.secateur.results.core;

import java.util.Locale;

/** The order of a four-dimensional tensor in memory. */
public enum Layout {
    NCHW,
    NHWC;

    /** The layout as it stands in canonical workload text, for example {@code nchw}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
