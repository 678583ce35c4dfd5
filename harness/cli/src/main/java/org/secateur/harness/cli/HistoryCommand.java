package org.secateur.harness.cli;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.history.History;
import org.secateur.results.core.history.Series;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells where what was measured again and again has changed. */
@Command(
        name = "history",
        description = {
            "Find where times, energies and ratios that were measured again and again have changed their level.",
            "A series is of one workload's row, run or comparison, with all that its name tells, under one fingerprint,"
                    + " in order of time. It needs 10 points, 5 on either side of a change.",
            "What is found is a reason to compare old and new in pairs: secateur compare."
        },
        footer = {
            "",
            "Examples:",
            "  secateur history",
            "  secateur history --filter stepRatio --strict",
            "  secateur history nights/*.json --json"
        })
final class HistoryCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "Instead of the store, in order of time: tables as secateur table export writes them, JSON"
                    + " documents of run, prune, train and compare, run directories, and directories of such files.")
    private List<Path> files = List.of();

    @Option(
            names = "--filter",
            paramLabel = "TEXT",
            description = "Only series whose name contains this text, such as stepRatio or pass=backward.")
    private String filter = "";

    @Option(
            names = "--since",
            paramLabel = "DATE",
            description = "Only what was measured since then (UTC), such as 2025-03-01 or 2025-03-01T18:00:00Z: after a"
                    + " change that was meant.")
    private String since = "";

    @Option(
            names = "--across",
            description = "Go on with a series when the fingerprint changes, such as by a new driver, and tell what"
                    + " changed in it.")
    private boolean across;

    @Option(
            names = "--strict",
            description =
                    "Leave with exit code 1 when the newest change of a series is SLOWER or MORE by more than"
                            + " 1 %%, with all of its interval; 3 when a newest point is INVALID; 4 when one is unusually high.")
    private boolean strict;

    HistoryCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (across && strict) {
            throw SecateurException.badInput(
                    "a change of the environment is no regression", "--across --strict", "leave one of them out");
        }
        Instant from = since.isEmpty() ? Instant.MIN : instant(since);
        HistoryReader reader = new HistoryReader(across);
        if (files.isEmpty()) {
            try (Store store = Stores.existing(common.storePath(session))) {
                reader.read(store);
            }
        } else {
            files.forEach(reader::read);
        }
        List<Series> all = reader.series().stream()
                .filter(series -> (series.subject() + " " + series.quantity()).contains(filter))
                .map(series -> since(series, from))
                .filter(series -> !series.points().isEmpty())
                .toList();
        List<Series> repeated =
                all.stream().filter(series -> series.points().size() > 1).toList();
        HistoryResult result = new HistoryResult(
                History.of(repeated, PairedComparison.LEAST_DELTA, common.seed), all.size() - repeated.size());
        session.console()
                .result(
                        common.json
                                ? result.json(Json.noDevice(common.device, "this command opens no device"))
                                : result.text());
        return (strict ? result.exit() : ExitCode.DONE).code();
    }

    private static Series since(Series series, Instant from) {
        return new Series(
                series.device(),
                series.subject(),
                series.quantity(),
                series.points().stream()
                        .filter(point -> !point.measuredAt().orElse(Instant.MAX).isBefore(from))
                        .toList());
    }

    private static Instant instant(String text) {
        try {
            return text.contains("T")
                    ? Instant.parse(text)
                    : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "--since " + text + ": expected a date such as 2025-03-01 or 2025-03-01T18:00:00Z", e);
        }
    }
}
