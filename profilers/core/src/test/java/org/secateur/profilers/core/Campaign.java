package org.secateur.profilers.core;

/** How many seeds a statistical test runs: few in every build, as many as its limit is meant for with -Pcampaign. */
public final class Campaign {
    /** Whether this is a campaign. */
    public static final boolean ON = Boolean.getBoolean("secateur.campaign");

    private Campaign() {}

    /** One of two sizes. */
    public static int size(int small, int full) {
        return ON ? full : small;
    }

    /** The least successes of {@code runs} that a true share of {@code share} gives, but for two standard deviations. */
    public static int least(double share, int runs) {
        return (int) Math.floor(runs * share - (ON ? 0 : 2 * Math.sqrt(runs * share * (1 - share))));
    }
}
