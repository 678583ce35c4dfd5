package org.secateur.harness.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.Engine;
import org.secateur.harness.loop.LayoutChoice;
import org.secateur.harness.loop.LayoutChoice.By;
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
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.Distillation;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.models.libtorch.Workers;
import org.secateur.models.onnx.OnnxFile;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.EnergyOptions;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.cost.EnergyModel;
import org.secateur.results.core.cost.MeasuringRun;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Verdict;
import org.secateur.results.report.HtmlReport;
import org.secateur.results.store.Run;
import org.secateur.results.store.RunStatus;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableWriter;

/** Carries out {@code run}, {@code prune} and {@code train}: one run in its directory, told on both streams. */
final class RunExecution {
    /** Where runs lie. */
    static final Path RUNS = Path.of("runs");
    /** The JSON document of a finished run. */
    static final String RESULT = "result.json";
    /** The layout in which it computes, so that it continues in it. */
    private static final String LAYOUT = "layout.json";
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
        Optional<List<PlanRecord>> replay = plan.map(Plans::read);
        Console console = session.console();
        console.note(data.text());
        try (Device device = session.devices().apply(common.device);
                Store store = Store.open(common.storePath(session));
                TableWriter table = store.writer(device.name(), device.fingerprint(), "secateur " + command);
                RunDirectory directory = RunDirectory.open(
                        RUNS,
                        name(
                                command,
                                settings,
                                data,
                                options.identity(),
                                replay,
                                start,
                                device.fingerprint().id()),
                        options.fresh);
                @Nullable Workers workers = options.startWorkers()) {
            RunRecord record = RunRecord.begin(
                    store.runs(),
                    new Run(
                            String.valueOf(directory.path().getFileName()),
                            command,
                            subject(settings.network(), data, device),
                            common.seed,
                            options.words(),
                            session.surroundings().wallClock().instant(),
                            RunStatus.RUNNING));
            MeasuringRun begun = Measuring.begin(
                    session, command + " --network " + settings.network().name(), common.seed);
            Optional<EnergyModel> model = options.power.instead(device);
            Control control = new Sampler(
                            SamplerOptions.rough(), session.surroundings(), Sampler.NO_ENERGY, common.seed)
                    .control(device);
            control.warning().ifPresent(warning -> console.note("secateur: " + warning));
            MeasuringRun measuring = begun.controlled(control.reference());
            List<String> cautions = options.cautions(settings.network());
            cautions.forEach(caution -> console.note("secateur: " + caution));
            LayoutChoice layout = layout(settings, device, directory.file(LAYOUT), replay);
            Engine engine = options.engine(device, layout.layout(), type(layout), workers);
            Arithmetic arithmetic = new Arithmetic(engine.dataType(), MathMode.DEFAULT, engine.layout());
            OnDemandCosts costs = new OnDemandCosts(
                    device,
                    table.table(),
                    session.surroundings(),
                    device.kind().equals("cuda") ? model : Optional.of(options.power.model(device.kind())),
                    common.seed,
                    (row, how) -> table.append(control.judged(row), measuring.under(how.numbers())));
            if (settings.pruning().isPresent()) {
                costs.measurePeaks(arithmetic.references());
            }
            StepMeter meter = new StepMeter(
                    engine,
                    device,
                    session.surroundings(),
                    Energies.of(device, session, options.start.applied(EnergyOptions.quick()), common.seed, model),
                    model,
                    settings.training(),
                    settings.inferenceBatch(),
                    common.seed);
            Trainers trainers = new Trainers(
                    engine, settings.training(), data, session.surroundings().nanoTime());
            RunResult ran = new PruningRun(
                            settings,
                            data,
                            costs,
                            meter,
                            directory,
                            layout,
                            trainers,
                            replay,
                            start,
                            Energies.counter(device),
                            session.surroundings().nanoTime(),
                            console::note)
                    .run();
            RunResult result = control.valid() ? ran : ran.flagged(Flag.INVALID);
            if (result.pruned().isPresent()) {
                Staircases.measure(costs, result, arithmetic);
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
                    arithmetic,
                    layout,
                    Stream.of(control.warning().stream(), cautions.stream(), costs.refusals().stream())
                            .flatMap(warnings -> warnings)
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
            record.finish(result, json);
            directory.finish();
            console.result(common.json ? json : RunSummary.text(document));
            return (strict ? strictly(document) : ExitCode.DONE).code();
        }
    }

    private static SortedMap<String, String> subject(Network network, Dataset data, Device device) {
        SortedMap<String, String> subject = new TreeMap<>();
        subject.put("network", network.name());
        subject.put("data", data.name());
        subject.put("device", device.name());
        return subject;
    }

    /** The layout of this run: what it began with, or what is named, or that of the plans to do again, or the faster one. */
    private LayoutChoice layout(RunSettings settings, Device device, Path file, Optional<List<PlanRecord>> replay) {
        LayoutChoice choice;
        if (Files.exists(file)) {
            choice = LayoutChoice.read(file);
        } else {
            choice = options.layout()
                    .or(() -> replay.stream()
                            .flatMap(List::stream)
                            .findFirst()
                            .map(p -> LayoutChoice.named(p.layout(), By.PLAN)))
                    .orElseGet(() -> LayoutChoice.measured(
                            device,
                            session.surroundings(),
                            layout -> step(
                                    settings, device, layout, options.dataType().orElse(DataType.F32)),
                            common.seed));
            if (options.dataType().isEmpty()) {
                choice = choice.withFasterType(
                        device,
                        session.surroundings(),
                        LibTorch.hasBrainFloat(),
                        (layout, type) -> step(settings, device, layout, type),
                        common.seed);
            }
            choice.write(file);
        }
        Estimate ratio = choice.ratio();
        if (ratio != null) {
            session.console()
                    .note(String.format(
                            Locale.ROOT,
                            "training in %s: a step in nhwc takes %.2f [%.2f, %.2f] of one in nchw",
                            choice.layout().text(),
                            ratio.value(),
                            ratio.low(),
                            ratio.high()));
        }
        if (choice.type() != null) {
            session.console().note("training in " + choice.type().text());
        }
        return choice;
    }

    /** The data type of this run: the one that is named, or the one that was chosen. */
    private DataType type(LayoutChoice chosen) {
        return options.dataType()
                .orElseGet(() ->
                        chosen.type() == null ? DataType.F32 : chosen.type().dataType());
    }

    private Kernel step(RunSettings settings, Device device, Layout layout, DataType type) {
        return options.engine(device, layout, type, null).step(settings.network(), settings.training(), common.seed);
    }

    /** The exit code under {@code --strict}: on a machine that is not the same as itself nothing is judged. */
    static ExitCode strictly(RunDocument document) {
        if (document.result().dense().stepFlags().contains(Flag.INVALID)) {
            return ExitCode.ENVIRONMENT;
        }
        Optional<Boolean> missed = document.budgetMissed();
        if (missed.isPresent() && missed.get()) {
            return ExitCode.FAILED;
        }
        boolean undecided = document.result()
                .comparison()
                .map(c -> c.verdict() == Verdict.UNDECIDED)
                .orElse(false);
        return undecided || missed.isEmpty() ? ExitCode.UNDECIDED : ExitCode.DONE;
    }

    /** Everything that decides the outcome is in the name or its hash. */
    static String name(
            String command,
            RunSettings settings,
            Dataset data,
            String options,
            Optional<List<PlanRecord>> replay,
            Optional<ModelState> start,
            String fingerprint) {
        String identity = String.join(
                "\n",
                settings.toString(),
                Integer.toString(settings.training()
                        .recipe()
                        .distillation()
                        .map(Distillation::state)
                        .hashCode()),
                data.digest(),
                options,
                replay.toString(),
                Integer.toString(start.hashCode()),
                fingerprint);
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
