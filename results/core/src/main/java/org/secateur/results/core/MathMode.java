package org.secateur.results.core;

import java.util.Locale;

/** The arithmetic that the request allows: the type's own, or tensor cores with TF32 inputs. */
public enum MathMode {
    DEFAULT,
    TF32;

    /** The mode as it stands in canonical workload text, for example {@code default}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
