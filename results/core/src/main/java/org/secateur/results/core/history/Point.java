package org.secateur.results.core.history;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;

/**
 * One value of a series.
 *
 * @param value above 0
 * @param source the run or file that it stands in
 * @param measuredAt when, where that is known
 * @param context what was recorded beside it, such as versions, to tell what else changed when the value did
 */
public record Point(
        Quantity.Known value,
        Set<Flag> flags,
        String source,
        Optional<Instant> measuredAt,
        SortedMap<String, String> context) {
    public Point {
        if (!(value.number().low() > 0)) {
            throw new IllegalArgumentException(
                    value.number() + " in " + source + ": a series is of values above 0, with all of their interval");
        }
        flags = flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
        context = Collections.unmodifiableSortedMap(new TreeMap<>(context));
    }

    /** Whether it counts: not where the run's control failed, or where the device cannot do what the number says. */
    public boolean counts() {
        return Collections.disjoint(flags, EnumSet.of(Flag.INVALID, Flag.IMPLAUSIBLE, Flag.ENERGY_INVALID));
    }

    double log() {
        return Math.log(value.number().value());
    }

    /** What was recorded otherwise of a later point, as {@code field: here / there}. */
    public SortedMap<String, String> differences(Point later) {
        SortedMap<String, String> differences = new TreeMap<>();
        context.forEach((field, here) -> {
            String there = later.context.get(field);
            if (there != null && !there.equals(here)) {
                differences.put(field, here + " / " + there);
            }
        });
        return differences;
    }
}
