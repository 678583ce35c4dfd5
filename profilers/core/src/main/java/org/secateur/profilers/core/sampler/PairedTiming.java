package org.secateur.profilers.core.sampler;

import java.util.Optional;
import org.secateur.results.core.statistics.PairedComparison;

/**
 * A paired comparison with the timings of both sides; block i of one was measured next to block i of the other.
 *
 * @param energy the comparison of joules; empty where no counter told them
 */
public record PairedTiming(
        PairedComparison comparison, Timing baseline, Timing candidate, Optional<PairedComparison> energy) {
    /** The same comparison with the timings of both sides changed, by their joules for example. */
    public PairedTiming with(Timing otherBaseline, Timing otherCandidate) {
        return new PairedTiming(comparison, otherBaseline, otherCandidate, energy);
    }
}
