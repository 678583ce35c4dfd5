package org.secateur.profilers.core.noise;

/**
 * Up to where a machine is GOOD, and from where UNFIT; between the two it takes CARE. All are shares.
 *
 * @param goodSpread spread of block medians: ±1 % is reached in 8 to 40 blocks below it
 * @param unfitSpread above it ±1 % is not reached within the sampler's cap
 * @param goodSteal stolen share of the processors' time: the limit at which a block is rejected
 * @param unfitSteal above it most blocks are rejected
 * @param goodForeign share of the processors' time used by others
 * @param unfitForeign above it the threads of a kernel have to wait for a processor
 */
public record NoiseLimits(
        double goodSpread,
        double unfitSpread,
        double goodSteal,
        double unfitSteal,
        double goodForeign,
        double unfitForeign) {
    /** Spread 5 and 25 %, steal 1 and 5 %, foreign load 5 and 30 %. */
    public static final NoiseLimits DEFAULT = new NoiseLimits(0.05, 0.25, 0.01, 0.05, 0.05, 0.30);

    public NoiseLimits {
        if (!(goodSpread <= unfitSpread) || !(goodSteal <= unfitSteal) || !(goodForeign <= unfitForeign)) {
            throw new IllegalArgumentException("limits " + goodSpread + ".." + unfitSpread + ", " + goodSteal + ".."
                    + unfitSteal + ", " + goodForeign + ".." + unfitForeign + ": GOOD must not end above UNFIT");
        }
    }
}
