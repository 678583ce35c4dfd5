package org.secateur.profilers.core.rapl;

import java.nio.file.Path;

/**
 * What one counter counts.
 *
 * @param name the kernel's name, for a part below that of its package: {@code package-0}, {@code package-0-die-1},
 *     {@code psys}, {@code package-0.dram}
 * @param directory its folder in the powercap tree
 */
public record RaplZone(String name, Kind kind, Path directory) {
    /** How zones add up. */
    public enum Kind {
        /** A socket, or a die of one. The processor's energy is the sum of these. */
        PACKAGE,
        /** More than packages, such as the whole platform ({@code psys}); never added to them. */
        PLATFORM,
        /** A part of a package ({@code core}, {@code uncore}), or memory beside it ({@code dram}). */
        PART
    }
}
