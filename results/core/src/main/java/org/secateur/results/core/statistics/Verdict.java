package org.secateur.results.core.statistics;

/** What a paired comparison says of the candidate against the baseline. */
public enum Verdict {
    FASTER,
    SLOWER,
    SAME,
    UNDECIDED
}
