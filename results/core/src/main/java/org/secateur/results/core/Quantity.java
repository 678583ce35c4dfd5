package org.secateur.results.core;

import java.util.Optional;
import java.util.function.Function;
import org.secateur.results.core.statistics.Estimate;

/** A number with its interval and provenance, or the reason why there is none. */
public sealed interface Quantity {

    /** Where it comes from. */
    Provenance provenance();

    /** The estimate where there is one. */
    Optional<Estimate> estimate();

    /** A number. Its provenance is never {@link Provenance.Unavailable}. */
    record Known(Estimate number, Provenance provenance) implements Quantity {
        public Known {
            if (provenance instanceof Provenance.Unavailable) {
                throw new IllegalArgumentException("a known number cannot be unavailable: " + provenance);
            }
        }

        @Override
        public Optional<Estimate> estimate() {
            return Optional.of(number);
        }
    }

    /** No number, with its reason. */
    record Missing(String reason) implements Quantity {
        @Override
        public Provenance provenance() {
            return new Provenance.Unavailable(reason);
        }

        @Override
        public Optional<Estimate> estimate() {
            return Optional.empty();
        }
    }

    /** A measured number. */
    static Quantity measured(Estimate number) {
        return new Known(number, Provenance.MEASURED);
    }

    /** A number computed from measured ones only. */
    static Quantity derived(Estimate number) {
        return new Known(number, Provenance.DERIVED);
    }

    /** A number computed by a named model. */
    static Quantity modelled(Estimate number, String model) {
        return new Known(number, new Provenance.Modelled(model));
    }

    /** No number, for a reason given in one sentence. */
    static Quantity unavailable(String reason) {
        return new Missing(reason);
    }

    /**
     * The sum. A missing part makes the sum missing, a modelled part makes it modelled by that model, and otherwise
     * it is derived.
     */
    default Quantity plus(Quantity other) {
        if (this instanceof Known a && other instanceof Known b) {
            return new Known(a.number.plus(b.number), weaker(a.provenance, b.provenance));
        }
        return this instanceof Missing ? this : other;
    }

    /** The same number transformed, with provenance DERIVED unless it was modelled. */
    default Quantity map(Function<Estimate, Estimate> change) {
        return this instanceof Known known
                ? new Known(change.apply(known.number), weaker(known.provenance, Provenance.DERIVED))
                : this;
    }

    private static Provenance weaker(Provenance a, Provenance b) {
        if (a instanceof Provenance.Modelled) {
            return a;
        }
        return b instanceof Provenance.Modelled ? b : Provenance.DERIVED;
    }
}
