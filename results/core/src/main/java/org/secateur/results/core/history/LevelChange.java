package org.secateur.results.core.history;

import org.secateur.results.core.statistics.Estimate;

/**
 * A change of a series' level.
 *
 * @param before index of the last point on the old level that counts
 * @param at index of the first one on the new level
 * @param ratio new level / old level; its interval takes the place of the change as given, so that it is somewhat narrow
 * @param adjustedPValue of the series among all that were looked at (Benjamini and Hochberg)
 */
public record LevelChange(int before, int at, Estimate ratio, double pValue, double adjustedPValue) {
    /** Whether it became worse: less is better. */
    public boolean higher() {
        return ratio.value() > 1;
    }

    /** Whether all of the interval lies beyond a margin, given on the log scale: what may fail a build. */
    public boolean material(double delta) {
        return Math.log(ratio.low()) >= delta || Math.log(ratio.high()) <= -delta;
    }
}
