package org.secateur.results.core;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * One row of a cost table: what was asked, the variant found, seconds and joules per launch, and everything needed to
 * compute them again.
 *
 * @param seconds per launch; missing where the blocks have two modes
 * @param blocks the raw samples of time, in the order measured
 * @param energySamples those of energy; none where a model told it
 * @param discarded how many blocks had a cause for rejection, by that cause; those whose cause ends in {@code (kept)} count
 *     all the same
 */
public record Measurement(
        WorkloadKey key,
        Variant variant,
        Quantity seconds,
        Quantity joules,
        List<Block> blocks,
        List<EnergySample> energySamples,
        Map<String, Integer> discarded,
        Conditions before,
        Conditions after,
        Set<Flag> flags,
        Instant measuredAt) {
    public Measurement {
        blocks = List.copyOf(blocks);
        energySamples = List.copyOf(energySamples);
        discarded = java.util.Collections.unmodifiableMap(new TreeMap<>(discarded));
        flags = flags.isEmpty() ? Set.of() : java.util.Collections.unmodifiableSet(EnumSet.copyOf(flags));
    }

    /** A row whose energy was not measured. */
    public Measurement(
            WorkloadKey key,
            Variant variant,
            Quantity seconds,
            Quantity joules,
            List<Block> blocks,
            Map<String, Integer> discarded,
            Conditions before,
            Conditions after,
            Set<Flag> flags,
            Instant measuredAt) {
        this(key, variant, seconds, joules, blocks, List.of(), discarded, before, after, flags, measuredAt);
    }

    /**
     * The median of the blocks, in seconds per launch, also where {@link #seconds} refuses a single number: for planning,
     * not for publishing.
     *
     * @throws IllegalArgumentException when there is no block
     */
    public double typicalSeconds() {
        return OrderStatistics.median(
                blocks.stream().mapToDouble(Block::medianSeconds).toArray());
    }

    /** The same with other joules; the raw samples of energy stay. */
    public Measurement withJoules(Quantity others) {
        return new Measurement(
                key, variant, seconds, others, blocks, energySamples, discarded, before, after, flags, measuredAt);
    }

    /** The same with other flags. */
    public Measurement flagged(Set<Flag> others) {
        return new Measurement(
                key, variant, seconds, joules, blocks, energySamples, discarded, before, after, others, measuredAt);
    }
}
