package org.secateur.profilers.core.sampler;

import org.secateur.results.core.statistics.PairedComparison;

/** A paired comparison with the timings of both sides; block i of one was measured next to block i of the other. */
public record PairedTiming(PairedComparison comparison, Timing baseline, Timing candidate) {}
