package org.secateur.results.core;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How many blocks of a measurement had a cause for rejection. Where more than half of all had one, all count, since what
 * would be left is a selection of lucky moments.
 *
 * @param causes how many by cause, without {@link #KEPT}
 * @param blocks how many there were in all
 */
public record Rejections(Map<String, Integer> causes, int blocks) {
    /** The hypervisor took the processors. */
    public static final String STEAL = "steal";

    /** Other processes took the processors. */
    public static final String SWITCHES = "involuntary switches";

    public static final String COLLECTION = "garbage collection";

    public static final String STOPPED = "process stopped";

    /** The device lowered its clocks. */
    public static final String THROTTLED = "throttled";

    /** Another process worked on the device. */
    public static final String FOREIGN = "foreign process";

    /** What the name of a cause ends with where its blocks count all the same. */
    private static final String KEPT = " (kept)";

    public Rejections {
        causes = Collections.unmodifiableMap(new TreeMap<>(causes));
    }

    /**
     * The rejections of a row.
     *
     * @param discarded as {@link #named()} tells them
     */
    public static Rejections of(Map<String, Integer> discarded, int blocks) {
        Map<String, Integer> causes = new TreeMap<>();
        discarded.forEach((cause, count) -> causes.merge(
                cause.endsWith(KEPT) ? cause.substring(0, cause.length() - KEPT.length()) : cause,
                count,
                Integer::sum));
        return new Rejections(causes, blocks);
    }

    /** How many blocks by cause, whose name ends in {@code (kept)} where they count all the same. */
    public Map<String, Integer> named() {
        Map<String, Integer> named = new TreeMap<>();
        causes.forEach((cause, count) -> named.put(allCount() ? cause + KEPT : cause, count));
        return named;
    }

    /** How many blocks had a cause. */
    public int disturbed() {
        return causes.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Whether the disturbed blocks count as well. */
    public boolean allCount() {
        return 2 * disturbed() > blocks;
    }

    /** The share of all blocks, 0 to 1, that had a cause. */
    public double disturbedFraction() {
        return share(disturbed());
    }

    /** The share of all blocks, 0 to 1, that were thrown away. */
    public double discardFraction() {
        return allCount() ? 0 : disturbedFraction();
    }

    /** The share of all blocks, 0 to 1, in which somebody else had the processors or the device. */
    public double contendedFraction() {
        return share(Set.of(STEAL, SWITCHES, FOREIGN).stream()
                .mapToInt(cause -> causes.getOrDefault(cause, 0))
                .sum());
    }

    /** The share of all blocks, 0 to 1, in which the device lowered its clocks. */
    public double throttledFraction() {
        return share(causes.getOrDefault(THROTTLED, 0));
    }

    private double share(int count) {
        return blocks == 0 ? 0 : (double) count / blocks;
    }
}
