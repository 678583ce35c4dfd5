package org.secateur.profilers.core.noise;

import java.util.List;
import org.secateur.results.core.Quantity;

/**
 * How noisy the machine was.
 *
 * @param spread of the block medians of a constant piece of work: from the 5th to the 95th percentile, relative to the
 *     median
 * @param stealFraction share of the processors' time that the hypervisor gave to others
 * @param foreignLoad share of the processors' time that other processes used
 * @param seconds how long was measured
 * @param reasons what keeps the verdict from GOOD, one sentence each
 */
public record NoiseReport(
        double spread,
        Quantity stealFraction,
        Quantity foreignLoad,
        double seconds,
        Fitness verdict,
        List<String> reasons) {
    public NoiseReport {
        reasons = List.copyOf(reasons);
    }
}
