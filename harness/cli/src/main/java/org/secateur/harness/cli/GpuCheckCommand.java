package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.cli.GpuPhase.Status;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.host.ProcessEnd;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Settles on a real GPU what cannot be known without one, within a time that is never exceeded. */
@Command(
        name = GpuCheckCommand.NAME,
        description = {
            "Find out on a GPU whether kernels are right and timings repeat, what its energy counter is worth, how it"
                    + " compares with PyTorch, and how sums of rows compare with whole steps.",
            "What is worth most comes first, and each part's results are kept as soon as it is done. Without --device it"
                    + " checks cuda:0. It leaves with 1 when a part failed or had to be cut off."
        },
        footer = {
            "",
            "Examples:",
            "  secateur gpu-check --out check --minutes 8",
            "  secateur gpu-check --out check --continue check --minutes 8"
        })
final class GpuCheckCommand implements Callable<Integer> {
    static final String NAME = "gpu-check";

    private static final double MOST_MINUTES = 1440;

    /** For closing the GPU and writing the last files. */
    private static final double END_SECONDS = 5;

    /** A phase that hangs is ended by force so much before the limit. */
    private static final double FORCE_SECONDS = 1;

    private final Session session;
    private final DoubleSupplier upSeconds;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The directory of the results.")
    private Path out = Path.of("");

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description = "The time for all of it, with the program's start (default: 8).")
    private double minutes = 8;

    @Option(
            names = "--continue",
            paramLabel = "DIR",
            description =
                    "Go on with the check of this directory: what it has done is taken over. May be that of --out.")
    private @Nullable Path continued;

    /**
     * The command.
     *
     * @param upSeconds for how long the program runs already
     */
    GpuCheckCommand(Session session, DoubleSupplier upSeconds) {
        this.session = session;
        this.upSeconds = upSeconds;
    }

    @Override
    public Integer call() {
        if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
            throw new IllegalArgumentException("--minutes " + minutes + ": expected above 0, up to " + MOST_MINUTES);
        }
        double up = upSeconds.getAsDouble();
        double limit = 60 * minutes;
        Thread force = force(limit - up - FORCE_SECONDS);
        // A processor has nothing to be settled here.
        try (Device device = session.devices().apply(common.kind().equals("cuda") ? common.device : "cuda:0")) {
            Countdown countdown = Countdown.of(session::seconds, limit - up - END_SECONDS);
            GpuCheckFolder folder = GpuCheckFolder.open(out, Optional.ofNullable(continued), device);
            Run run = new Run(device, folder, countdown, limit);
            run.all(GpuPhases.of(new GpuBench(device, session, folder, common.seed)));
            session.console().result(common.json ? Json.write(run.summary()) : run.text());
            return (run.failed() ? ExitCode.FAILED : ExitCode.DONE).code();
        } finally {
            force.interrupt();
        }
    }

    /** Ends the program at its limit, whatever it does: what was finished is in the files. */
    private Thread force(double seconds) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(Math.max(1, Math.round(1e3 * seconds)));
            } catch (InterruptedException e) {
                return; // it ended by itself
            }
            session.console().note("secateur: the time is up, and a phase did not end: add --continue " + out);
            ProcessEnd.now(ExitCode.FAILED.code());
        });
    }

    /** One call of the command. */
    private final class Run {
        private final Device device;
        private final GpuCheckFolder folder;
        private final Countdown countdown;
        private final double limit;

        Run(Device device, GpuCheckFolder folder, Countdown countdown, double limit) {
            this.device = device;
            this.folder = folder;
            this.countdown = countdown;
            this.limit = limit;
        }

        private double usedSeconds() {
            return limit - END_SECONDS - countdown.left();
        }

        void all(List<GpuPhase> phases) {
            log("checking " + device.name() + " for at most " + Progress.duration(limit));
            List<GpuPhase> due = new ArrayList<>();
            for (GpuPhase phase : phases) {
                Status status = folder.status(phase.name());
                if (!status.isSettled()) {
                    due.add(phase);
                }
                if (status == Status.TODO) {
                    folder.put(phase, status, 0, Optional.empty(), new GpuFindings());
                }
            }
            folder.write(summary());
            for (GpuPhase phase : due) {
                if (countdown.has(phase.leastSeconds())) {
                    one(phase);
                } else {
                    log(phase.name() + ": no time is left for it");
                }
            }
        }

        private void one(GpuPhase phase) {
            double start = session.seconds();
            Status status;
            Optional<String> reason = Optional.empty();
            GpuFindings findings = new GpuFindings();
            try {
                findings = phase.work().apply(countdown.within(phase.mostSeconds()));
                status = findings.isComplete() ? Status.DONE : Status.PARTIAL;
            } catch (SecateurException e) {
                status = e.exit() == ExitCode.ENVIRONMENT ? Status.UNAVAILABLE : Status.FAILED;
                reason = Optional.of(e.what() + " (" + e.on() + ")");
            } catch (RuntimeException e) { // the other phases may still tell something
                status = Status.FAILED;
                reason = Optional.of(e.toString());
            }
            double seconds = session.seconds() - start;
            folder.put(phase, status, seconds, reason, findings);
            folder.write(summary());
            log(String.format(Locale.ROOT, "%s: %s in %.1f s", phase.name(), status, seconds)
                    + reason.map(text -> ": " + text).orElse(""));
        }

        private void log(String line) {
            folder.log(String.format(Locale.ROOT, "%7.1f s  %s", usedSeconds(), line));
            session.console().note("secateur: " + line);
        }

        boolean failed() {
            return !folder.warnings().isEmpty()
                    || folder.phases().stream()
                            .anyMatch(phase -> Status.FAILED.name().equals(phase.get("status")));
        }

        Map<String, Object> summary() {
            Map<String, Object> document = Json.document(NAME, Json.device(device), folder.warnings());
            document.put("limitSeconds", limit);
            document.put("usedSeconds", usedSeconds());
            document.put("rows", folder.table().rows().size());
            document.put("phases", folder.phases());
            return document;
        }

        String text() {
            Columns columns = new Columns("phase", "status", "seconds", "reason");
            for (Map<String, Object> phase : folder.phases()) {
                columns.row(
                        String.valueOf(phase.get("name")),
                        String.valueOf(phase.get("status")),
                        phase.get("seconds") instanceof Number n
                                ? String.format(Locale.ROOT, "%.1f", n.doubleValue())
                                : "",
                        String.valueOf(phase.getOrDefault("reason", "")));
            }
            StringBuilder text = new StringBuilder(columns.text());
            folder.warnings().forEach(w -> text.append("warning: ").append(w).append('\n'));
            return text.append("\nthe findings are in ")
                    .append(out.resolve("summary.json"))
                    .append('\n')
                    .toString();
        }
    }
}
