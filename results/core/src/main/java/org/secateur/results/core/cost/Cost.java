package org.secateur.results.core.cost;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;

/**
 * What a launch or a whole step costs.
 *
 * @param flags of the measurements that it rests on, in the order of {@link Flag}
 */
public record Cost(Quantity seconds, Quantity joules, Set<Flag> flags) {
    public Cost {
        flags = flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
    }

    /** A cost that rests on no measurement of its own. */
    public Cost(Quantity seconds, Quantity joules) {
        this(seconds, joules, Set.of());
    }

    /** The sum of both parts. */
    public Cost plus(Cost other) {
        return new Cost(seconds.plus(other.seconds), joules.plus(other.joules), union(flags, other.flags));
    }

    /** The flags of several rows. */
    static Set<Flag> flags(Collection<Measurement> rows) {
        return rows.stream().map(Measurement::flags).reduce(Set.of(), Cost::union);
    }

    private static Set<Flag> union(Set<Flag> some, Set<Flag> others) {
        if (some.isEmpty() || others.isEmpty()) {
            return some.isEmpty() ? others : some;
        }
        Set<Flag> all = EnumSet.copyOf(some);
        all.addAll(others);
        return all;
    }
}
