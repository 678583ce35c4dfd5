package org.secateur.harness.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.Engine;
import org.secateur.harness.loop.OnDemandCosts;
import org.secateur.harness.loop.PlanRecord;
import org.secateur.harness.loop.Plans;
import org.secateur.harness.loop.PruningRun;
import org.secateur.harness.loop.RunDirectory;
import org.secateur.harness.loop.RunResult;
import org.secateur.harness.loop.RunSettings;
import org.secateur.harness.loop.StepMeter;
import org.secateur.harness.loop.Trainers;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.models.libtorch.Workers;
import org.secateur.models.onnx.OnnxFile;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.energy.EnergyOptions;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.CpuPowerModel;
import org.secateur.results.core.statistics.Verdict;
import org.secateur.results.report.HtmlReport;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableWriter;

/** Carries out {@code run}, {@code prune} and {@code train}: one run in its directory, told on both streams. */
final class RunExecution {
    /**
     * The power that energy is modelled with on a CPU without a counter: a two-core share of a server processor. Only
     * ratios of joules mean anything, and they equal those of seconds.
     */
    private static final CpuPowerModel POWER = new CpuPowerModel(5, 20);

    /** Where runs lie. */
    static final Path RUNS = Path.of("runs");
    /** The JSON document of a finished run. */
    static final String RESULT = "result.json";
    /** Its report. */
    static final String REPORT = "report.html";

    private final Session session;
    private final RunOptions options;
    private final CommonOptions common;
    private final String command;
    private final boolean strict;

    RunExecution(Session session, RunOptions options, String command, boolean strict) {
        this.session = session;
        this.options = options;
        this.common = options.common;
        this.command = command;
        this.strict = strict;
    }

    /**
     * Runs and prints; the exit code.
     *
     * @param plan a file of plans to replay
     * @param start numbers to begin with instead of fresh ones
     */
    int execute(RunSettings settings, Dataset data, Optional<Path> plan, Optional<ModelState> start) {
        List<PlanRecord> replay = plan.map(Plans::read).orElse(List.of());
        Console console = session.console();
        console.note(data.text());
        try (Device device = session.devices().apply(common.device);
                Store store = Store.open(common.storePath(session));
                TableWriter table = store.writer(device.name(), device.fingerprint(), "secateur " + command);
                RunDirectory directory =
                        RunDirectory.open(RUNS, name(settings, data, device, replay, start), options.fresh);
                @Nullable Workers workers = options.startWorkers()) {
            Engine engine = options.engine(device, workers);
            UnaryOperator<Quantity> joules = device.kind().equals("cuda") ? Sampler.NO_ENERGY : POWER::joules;
            Control control =
                    new Sampler(SamplerOptions.rough(), session.surroundings(), joules, common.seed).control(device);
            control.warning().ifPresent(warning -> console.note("secateur: " + warning));
            OnDemandCosts costs = new OnDemandCosts(
                    device,
                    table.table(),
                    session.surroundings(),
                    joules,
                    common.seed,
                    row -> table.append(control.judged(row)));
            StepMeter meter = new StepMeter(
                    engine,
                    device,
                    session.surroundings(),
                    Energies.of(device, session, EnergyOptions.quick(), common.seed, joules),
                    settings.training().batch(),
                    settings.inferenceBatch(),
                    common.seed);
            Trainers trainers = new Trainers(
                    engine, settings.training(), data, session.surroundings().nanoTime());
            RunResult result = new PruningRun(
                            settings,
                            data,
                            costs,
                            meter,
                            directory,
                            trainers,
                            replay,
                            start,
                            Energies.counter(device),
                            session.surroundings().nanoTime(),
                            console::note)
                    .run();
            if (result.pruned().isPresent()) {
                Staircases.measure(costs, result);
            }
            RunFiles files = new RunFiles(
                    directory.file(REPORT),
                    PruningRun.finalCheckpoint(directory),
                    store.file(),
                    directory.file("plans.json"),
                    directory.file("widths.json"),
                    directory.file("network.onnx"));
            Plans.write(result.plans(), files.plan());
            String widths = Json.write(
                    new LinkedHashMap<>(result.pruned().orElse(result.dense()).widths()));
            WholeFile.write(files.widths(), out -> out.write(widths));
            Checkpoint last = Checkpoint.read(files.checkpoint());
            WholeFile.writeBytes(files.onnx(), new OnnxFile(last.network(), last.state())::write);
            RunDocument document = new RunDocument(
                    command,
                    settings,
                    data,
                    device,
                    common.seed,
                    files,
                    result,
                    Stream.concat(control.warning().stream(), options.caution().stream())
                            .toList());
            String json = Json.write(document.json());
            WholeFile.write(directory.file(RESULT), out -> out.write(json));
            if (HtmlReport.refuses(device.name())) {
                console.note("secateur: there is no report of a stand-in device, which measures nothing real");
            } else {
                RunReport.write(
                        json,
                        directory.file(RESULT).toString(),
                        costs.snapshot().rows(),
                        files.report());
            }
            directory.finish();
            console.result(common.json ? json : RunSummary.text(document));
            return exit(document).code();
        }
    }

    private ExitCode exit(RunDocument document) {
        if (!strict) {
            return ExitCode.DONE;
        }
        if (document.budgetMissed()) {
            return ExitCode.FAILED;
        }
        boolean undecided = document.result()
                .comparison()
                .map(c -> c.verdict() == Verdict.UNDECIDED)
                .orElse(false);
        return undecided ? ExitCode.UNDECIDED : ExitCode.DONE;
    }

    /** Everything that decides the outcome is in the name or its hash. */
    private String name(
            RunSettings settings, Dataset data, Device device, List<PlanRecord> replay, Optional<ModelState> start) {
        String identity = String.join(
                "\n",
                settings.training().toString(),
                settings.pruning().toString(),
                settings.network().toString(),
                Integer.toString(data.train().count()),
                Integer.toString(settings.inferenceBatch()),
                Boolean.toString(settings.dense()),
                replay.toString(),
                Integer.toString(start.hashCode()),
                device.fingerprint().id(),
                options.workers == 1 ? "" : "workers " + options.workers);
        return command + "-" + settings.network().name() + "-" + data.name() + "-" + hash8(identity);
    }

    private static String hash8(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What a run leaves behind. */
    record RunFiles(Path report, Path checkpoint, Path table, Path plan, Path widths, Path onnx) {
        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("report", report.toString());
            json.put("checkpoint", checkpoint.toString());
            json.put("table", table.toString());
            json.put("plan", plan.toString());
            json.put("widths", widths.toString());
            json.put("onnx", onnx.toString());
            return json;
        }
    }
}
