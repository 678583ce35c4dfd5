package org.secateur.results.core;

import java.util.Locale;

/** The element type of activations and weights. */
public enum DataType {
    F32(4),
    F16(2),
    BF16(2);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    /** The type as it stands in canonical workload text, for example {@code f32}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
