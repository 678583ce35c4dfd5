package org.secateur.harness.cli;

import java.util.concurrent.Callable;
import org.secateur.profilers.core.noise.Fitness;
import org.secateur.profilers.core.noise.NoiseCheck;
import org.secateur.results.core.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether and what this machine can measure. */
@Command(
        name = "doctor",
        description = "What can be measured here, what cannot and why, and how noisy this machine is.",
        footer = {"", "Examples:", "  secateur doctor", "  secateur doctor --seconds 3 --strict --json"})
final class DoctorCommand implements Callable<Integer> {
    private final Session session;
    private final Machine machine;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long to listen for noise (default: ${DEFAULT-VALUE}).")
    private double seconds = NoiseCheck.DEFAULT_SECONDS;

    @Option(names = "--strict", description = "Exit with 3 when the machine is unfit.")
    private boolean strict;

    DoctorCommand(Session session, Machine machine) {
        this.session = session;
        this.machine = machine;
    }

    @Override
    public Integer call() {
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new IllegalArgumentException("--seconds " + seconds + ": expected above 0, up to 3600");
        }
        if (seconds > 2) {
            session.console().note("secateur: listening for noise for " + Progress.duration(seconds) + " ...");
        }
        Diagnosis found = new Examination(session, machine).examine(common.device, common.storePath(session), seconds);
        session.console()
                .result(
                        common.json
                                ? Json.write(DiagnosisJson.document(found, common.device))
                                : DiagnosisText.of(found));
        return (strict && found.verdict() == Fitness.UNFIT ? ExitCode.ENVIRONMENT : ExitCode.DONE).code();
    }
}
