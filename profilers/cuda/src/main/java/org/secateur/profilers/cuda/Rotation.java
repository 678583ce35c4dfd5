package org.secateur.profilers.cuda;

import org.secateur.results.core.Regime;

/**
 * How many sets of operands a kernel rotates through: at least {@code sets}, and so many that together they hold at
 * least {@code bytes}, within a bound on the number of sets.
 */
record Rotation(int sets, long bytes) {
    /** Tensors that need more sets than this to leave the cache stay in it in a real step, too. */
    private static final int MOST_SETS = 64;

    Rotation {
        if (sets < 1 || bytes < 0) {
            throw new IllegalArgumentException("rotation of " + sets + " sets and " + bytes + " bytes");
        }
    }

    /** One set when HOT; when COLD twice the level-2 cache, so that no set survives a round. */
    static Rotation of(Regime regime, long cacheBytes) {
        return switch (regime) {
            case HOT -> new Rotation(1, 0);
            case COLD -> new Rotation(2, 2 * cacheBytes);
        };
    }

    /** The number of sets when one holds {@code bytesOfOne}. */
    int setsOf(long bytesOfOne) {
        long needed = Math.ceilDiv(bytes, Math.max(1, bytesOfOne));
        return Math.toIntExact(Math.max(sets, Math.min(needed, MOST_SETS)));
    }
}
