package org.secateur.models.core.training;

import org.secateur.models.core.graph.Network;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/** The failure of a training whose loss or gradient is no number any more. */
public final class Divergence {
    private Divergence() {}

    /**
     * The exception.
     *
     * @param what is no number, and what it is instead, for example {@code the loss is NaN}
     * @param step finished steps before the one that failed
     * @param rate its learning rate
     */
    public static SecateurException of(String what, Network network, long step, double rate, double lambda) {
        return new SecateurException(
                ExitCode.FAILED,
                "training diverged: " + what,
                network.name() + ", step " + step + ", learning rate " + rate + ", lambda " + lambda,
                "choose a lower learning rate or lambda");
    }
}
