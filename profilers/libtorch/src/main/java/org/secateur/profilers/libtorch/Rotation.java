package org.secateur.profilers.libtorch;

import org.secateur.results.core.Regime;

/**
 * How many sets of buffers a kernel rotates through: at least {@code sets}, and so many that together they hold at
 * least {@code bytes}, within a bound on the number of sets.
 */
record Rotation(int sets, long bytes) {
    Rotation {
        if (sets < 1 || bytes < 0) {
            throw new IllegalArgumentException("rotation of " + sets + " sets and " + bytes + " bytes");
        }
    }

    /** One set when HOT; when COLD twice the last-level cache, so that no set survives a round. */
    static Rotation of(Regime regime, long cacheBytes) {
        return switch (regime) {
            case HOT -> new Rotation(1, 0);
            case COLD -> new Rotation(2, 2 * cacheBytes);
        };
    }

    /**
     * Sets at most. Tensors of a few kilobytes would need a hundred thousand sets to leave the cache, minutes to prepare,
     * for launches whose time is the call itself; in a real step they stay in the cache too.
     */
    private static final int MOST_SETS = 64;

    /** The number of sets when one holds {@code bytesOfOne}. */
    int setsOf(long bytesOfOne) {
        long needed = Math.ceilDiv(bytes, Math.max(1, bytesOfOne));
        return Math.toIntExact(Math.max(sets, Math.min(needed, MOST_SETS)));
    }
}
