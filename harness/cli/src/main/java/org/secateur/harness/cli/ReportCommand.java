package org.secateur.harness.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.RunDirectory;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.JsonDocument;
import org.secateur.results.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes a finished run's report again. */
@Command(
        name = "report",
        description = "Write the report of a finished run again, from what it left and the costs in the store.",
        footer = {"", "Examples:", "  secateur report", "  secateur report runs/run-resnet8-shapes-1a2b3c4d --json"})
final class ReportCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "RUN_DIRECTORY",
            description = "The run's directory (default: the newest finished one under runs).")
    @Nullable
    private Path directory;

    ReportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Path run = directory == null ? newest() : finished(directory);
        Path result = run.resolve(RunExecution.RESULT);
        String json = read(result);
        Map<String, Object> document = JsonDocument.read(json, result.toString());
        Path report = run.resolve(RunExecution.REPORT);
        RunReport.write(json, result.toString(), costs(document, result), report);
        session.console().result(common.json ? Json.write(told(document, report)) : "report: " + report);
        return ExitCode.DONE.code();
    }

    /**
     * The costs that the run measured and used, from its store unless another is named; none where the run measured no
     * layer, as dense training does.
     */
    private Map<WorkloadKey, Measurement> costs(Map<String, Object> document, Path result) {
        if (!(document.get("device") instanceof Map<?, ?> device)
                || !(device.get("fingerprint") instanceof Map<?, ?> fingerprint)
                || !(fingerprint.get("id") instanceof String id)
                || !(document.get("files") instanceof Map<?, ?> files)
                || !(files.get("table") instanceof String store)) {
            throw SecateurException.badInput(
                    "the file holds no result of a run", result.toString(), "repeat the run with this version");
        }
        try (Store costs = Stores.existing(common.store == null ? Path.of(store) : common.store)) {
            return costs.table(id).map(CostTable::rows).orElseGet(() -> {
                session.console()
                        .note("secateur: " + costs.file() + " holds no costs of the run's device: the report has no"
                                + " staircases");
                return Map.of();
            });
        }
    }

    private static Map<String, Object> told(Map<String, Object> document, Path report) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (String field : List.of("schema", "command", "tool", "device", "warnings")) {
            json.put(field, document.getOrDefault(field, List.of()));
        }
        json.put("command", "report");
        json.put("files", Map.of("report", report.toString()));
        return json;
    }

    private static Path finished(Path directory) {
        if (!RunDirectory.isFinished(directory)) {
            throw SecateurException.badInput(
                    "the directory holds no finished run",
                    directory.toString(),
                    "name one under " + RunExecution.RUNS + ", or let the run end by repeating its command");
        }
        return directory;
    }

    private static Path newest() {
        if (!Files.isDirectory(RunExecution.RUNS)) {
            throw none();
        }
        try (Stream<Path> runs = Files.list(RunExecution.RUNS)) {
            return runs.filter(RunDirectory::isFinished)
                    .max(Comparator.comparing(
                            run -> run.resolve(RunExecution.RESULT).toFile().lastModified()))
                    .orElseThrow(ReportCommand::none);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "the runs cannot be listed",
                    RunExecution.RUNS.toString(),
                    "make it readable",
                    e);
        }
    }

    private static SecateurException none() {
        return SecateurException.badInput(
                "there is no finished run",
                RunExecution.RUNS.toString(),
                "start one, for example secateur run --quick, or name its directory");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT, "the run's result cannot be read", file.toString(), "repeat the run", e);
        }
    }
}
