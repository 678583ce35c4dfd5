package org.secateur.results.core.cost;

import org.secateur.results.core.Quantity;

/** What a launch or a whole step costs. */
public record Cost(Quantity seconds, Quantity joules) {
    /** The sum of both parts. */
    public Cost plus(Cost other) {
        return new Cost(seconds.plus(other.seconds), joules.plus(other.joules));
    }
}
