package org.secateur.harness.cli;

import java.util.Map;
import java.util.Optional;
import org.secateur.profilers.core.probe.ClockProbe;
import org.secateur.results.core.cost.MeasuringRun;

/** Begins what a table keeps of a command that measures into it. */
final class Measuring {
    private Measuring() {}

    /**
     * A run that begins now. It has no options yet, and no control.
     *
     * @param command its name and what it works on, for example {@code profile --network resnet20}
     */
    static MeasuringRun begin(Session session, String command, long seed) {
        return new MeasuringRun(
                command,
                seed,
                session.surroundings().wallClock().instant(),
                Json.tool(),
                Map.of(),
                new ClockProbe(session.surroundings().nanoTime()).readings(),
                Optional.empty(),
                Optional.empty());
    }

    /** What a held-out error is of: prediction looks for that of the same. */
    static String subject(String network, int batch, Arithmetic arithmetic) {
        return network + " at batch " + batch + ", " + arithmetic.text();
    }
}
