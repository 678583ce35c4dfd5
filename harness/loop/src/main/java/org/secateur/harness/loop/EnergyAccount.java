package org.secateur.harness.loop;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;

/**
 * The joules of one training by its device's counter, read before and after each epoch and each reconfiguration; what is
 * done between them is not counted. Epochs last seconds, a counter's ticks at most some hundred milliseconds. Used by
 * one thread.
 */
final class EnergyAccount {
    private final Optional<EnergyCounter> counter;
    private double joules;
    private @Nullable String missing;

    /**
     * An account.
     *
     * @param earlier joules counted before
     * @param earlierMissing why a part of what was before was not counted; null where all was
     */
    EnergyAccount(Optional<EnergyCounter> counter, double earlier, @Nullable String earlierMissing) {
        this.counter = counter;
        joules = earlier;
        missing = earlierMissing == null && counter.isEmpty()
                ? "the energy of a whole training is counted on a GPU only"
                : earlierMissing;
    }

    /** Does a part of the training, and books its joules; a counter that fails leaves the training alone. */
    <T> T metered(Supplier<T> work) {
        double before = read();
        T done = work.get();
        double after = read();
        if (missing == null && after < before) {
            missing = "the counter fell from " + before + " to " + after + " J";
        }
        joules += Math.max(0, after - before);
        return done;
    }

    private double read() {
        if (missing != null) {
            return 0;
        }
        try {
            return counter.map(EnergyCounter::joules).orElse(0.0);
        } catch (SecateurException e) {
            missing = e.what();
            return 0;
        }
    }

    /** What was counted so far. */
    double counted() {
        return joules;
    }

    /** Why the training's joules are not known, since a part was not counted; null where all was. */
    @Nullable
    String missing() {
        return missing;
    }

    /** The joules of the training, of one reading, or why there are none. */
    Quantity total() {
        String reason = missing;
        return reason == null ? Quantity.measured(Estimate.exact(joules)) : Quantity.unavailable(reason);
    }
}
