package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.benchmarks.Benchmarks;
import org.secateur.harness.benchmarks.Score;
import org.secateur.models.core.data.Dataset;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.SamplerOptions.Extension;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.OrderStatistics;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the JMH benchmarks, or a comparison of the whole program: with JMH, with its models, with libtorch, with no data. */
@Command(
        name = "bench",
        description = {
            "Run the JMH benchmarks: each convolution pass, whole steps dense and pruned, the overhead of a launch, table"
                    + " look-up, planning, surgery.",
            "Every other argument is JMH's own: a pattern of benchmarks, -f forks, -i iterations, -p parameter=values,"
                    + " -prof profiler (energy, gpu and host besides JMH's), -rf and -rff for a file in JMH's format,"
                    + " -l to list them.",
            "--device is that of Convolution and Launch; all others run on the processor."
        },
        footer = {
            "",
            "Examples:",
            "  secateur bench TrainingStep -p network=resnet20 --json",
            "  secateur bench Inference -prof host -prof \"energy:source=modelled;watts=65\" -r 10",
            "  secateur bench --agreement",
            "  secateur bench --memory",
            "  secateur bench --throughput",
            "  secateur bench --data cifar10:DIR"
        })
final class BenchCommand implements Callable<Integer> {
    /** As JMH's users know them: three JVMs show what differs between JVMs. */
    private static final int FORKS = 3;

    private static final int MOST_FORKS = 100;
    private static final double CONFIDENCE = 0.95;

    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--agreement",
            description =
                    "Measure convolutions with JMH and with the sampler, each in fresh JVMs in turn, and print the"
                            + " ratio of their medians.")
    private boolean agreement;

    @Option(
            names = "--memory",
            description =
                    "Train networks for some steps, each in a fresh JVM, and print the memory that it takes beside what the model"
                            + " predicts: six by which its allowance for malloc was chosen, and others; and whether it grows"
                            + " over 2,000 steps.")
    private boolean memory;

    @Option(
            names = "--throughput",
            description =
                    "Compare whole training steps of resnet20, vgg11 and resnet18 in pairs: in nchw and f32 with a plain"
                            + " libtorch loop, of which they may take 1.02, and in the layout that is faster (and in bf16 where"
                            + " the processor has instructions for it) with nchw and f32, of which they may take 1/1.25 (1/1.6).")
    private boolean throughput;

    @Option(
            names = "--data",
            paramLabel = "NAME",
            description =
                    "Compare training steps fed with these images, as secateur train names them, with steps on one batch that is"
                            + " there already, of which they may take 1.03.")
    @Nullable
    private String data;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "With --data: what is trained (default: ${DEFAULT-VALUE}).")
    private String network = "resnet20";

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "With --data: images of a step (default: ${DEFAULT-VALUE}).")
    private int batch = 128;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            description =
                    "With --throughput or --data: pairs of each comparison, at least 6 (default: ${DEFAULT-VALUE}).")
    private int pairs = 20;

    @Option(
            names = "--forks",
            paramLabel = "N",
            description = "With --agreement: JVMs of either kind for a convolution (default: ${DEFAULT-VALUE}).")
    private int forks = FORKS;

    @Option(names = "--convolutions", paramLabel = "N", description = "With --agreement: only the first N of 24.")
    private int convolutions = Benchmarks.convolutions().size();

    @Option(
            names = "--strict",
            description =
                    "With --agreement, --memory, --throughput or --data: leave with exit code 1 when they do not agree, or a ratio"
                            + " is too high; of ratios also 4 when that is undecided, and 3 when the run is INVALID.")
    private boolean strict;

    @Parameters(paramLabel = "JMH", description = "Arguments of JMH.")
    private List<String> arguments = new ArrayList<>();

    private BenchCommand(Session session) {
        this.session = session;
    }

    /** The command, which hands on what it does not know. */
    static CommandLine line(Session session) {
        return new CommandLine(new BenchCommand(session)).setUnmatchedOptionsArePositionalParams(true);
    }

    @Override
    public Integer call() {
        if (agreement) {
            return agree();
        }
        if (memory) {
            return memory();
        }
        if (throughput) {
            return throughput();
        }
        if (data != null) {
            return feeding(data);
        }
        String listing = Benchmarks.listing(arguments);
        if (!listing.isEmpty()) {
            if (common.json) {
                throw SecateurException.badInput("a list has no document", "--json", "leave out --json");
            }
            session.console().result(listing);
            return ExitCode.DONE.code();
        }
        List<Score> scores =
                Benchmarks.run(arguments, Map.of("device", List.of(common.device)), session.console()::note);
        session.console().result(common.json ? json(scores) : text(scores));
        return ExitCode.DONE.code();
    }

    private int agree() {
        int most = Benchmarks.convolutions().size();
        if (forks < 1 || forks > MOST_FORKS || convolutions < 1 || convolutions > most) {
            throw new IllegalArgumentException("--forks " + forks + " --convolutions " + convolutions + ": expected 1.."
                    + MOST_FORKS + " and 1.." + most);
        }
        Agreement found = Agreement.measure(
                Benchmarks.convolutions().subList(0, convolutions),
                forks,
                this::byJmh,
                workload -> SamplerFork.medians(common.device, workload, common.seed),
                (each, done) -> session.console()
                        .note("secateur: %d of %d: %s".formatted(done, convolutions, AgreementDocument.line(each))));
        session.console()
                .result(
                        common.json
                                ? Json.write(AgreementDocument.json(device(), forks, found))
                                : AgreementDocument.text(forks, found));
        return (strict && !found.agrees() ? ExitCode.FAILED : ExitCode.DONE).code();
    }

    private int memory() {
        MemoryTrials trials = MemoryTrials.measure(
                LibTorch.hasBrainFloat(), line -> session.console().note("secateur: " + line));
        session.console().result(common.json ? Json.write(trials.json(device())) : trials.text());
        return (strict && !trials.agree() ? ExitCode.FAILED : ExitCode.DONE).code();
    }

    private int throughput() {
        requirePairsOnCpu("--throughput");
        SamplerOptions options = SamplerOptions.thorough();
        try (Device device = session.devices().apply(common.device)) {
            LibTorch libTorch = LibTorch.load();
            Throughput found = Throughput.measure(
                    device,
                    session.surroundings(),
                    Throughput.SUBJECTS,
                    WholeKernels.throughput(libTorch, common.seed),
                    LibTorch.hasBrainFloat(),
                    options.withPairs(pairs, options.pairBlockSeconds())
                            .withExtension(new Extension(CompareCommand.LOOKS, Double.POSITIVE_INFINITY)),
                    common.seed,
                    line -> session.console().note("secateur: " + line));
            session.console().result(common.json ? Json.write(found.json(Json.device(device))) : found.text());
            return (strict ? found.exit() : ExitCode.DONE).code();
        }
    }

    private int feeding(String name) {
        requirePairsOnCpu("--data");
        Dataset images = session.data(name);
        session.console().note(images.text());
        try (Device device = session.devices().apply(common.device)) {
            Feeding found = Feeding.measure(device, session.surroundings(), network, images, batch, pairs, common.seed);
            session.console().result(common.json ? Json.write(found.json(Json.device(device))) : found.text());
            return (strict ? found.exit() : ExitCode.DONE).code();
        }
    }

    private void requirePairsOnCpu(String option) {
        if (pairs < 6 || pairs > CompareCommand.MOST_PAIRS) {
            throw new IllegalArgumentException("--pairs " + pairs + ": expected 6.." + CompareCommand.MOST_PAIRS);
        }
        if (!common.kind().equals("cpu")) {
            throw SecateurException.badInput("libtorch trains on the processor only", option, "use --device cpu");
        }
    }

    private List<Double> byJmh(String workload) {
        List<String> all = new ArrayList<>(List.of(Benchmarks.CONVOLUTION, "-f", "1", "-p", "workload=" + workload));
        all.addAll(arguments);
        List<Score> scores = Benchmarks.run(all, Map.of("device", List.of(common.device)), line -> {});
        return scores.get(0).secondsPerOperation();
    }

    /** Opened after everything is measured: a loaded library leaves threads behind, which may spin. */
    private Map<String, Object> device() {
        try (Device device = session.devices().apply(common.device)) {
            return Json.device(device);
        } catch (SecateurException e) {
            return Json.noDevice(common.device, e.what());
        }
    }

    private String json(List<Score> scores) {
        List<Map<String, Object>> results = new ArrayList<>();
        for (Score score : scores) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("benchmark", score.benchmark());
            result.put("parameters", score.parameters());
            result.put("mode", score.mode());
            result.put("forks", score.forks());
            result.put("secondsPerOperation", median("", score.secondsPerOperation()));
            result.put("iterationSeconds", score.secondsPerOperation());
            List<Map<String, Object>> profiles = new ArrayList<>();
            score.profiles().forEach((name, profile) -> {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("name", name);
                json.put("unit", profile.unit());
                json.put("value", median(name, profile.values()));
                profiles.add(json);
            });
            result.put("profiles", profiles);
            results.add(result);
        }
        List<String> warnings = new ArrayList<>();
        if (common.kind().equals("cuda")
                && scores.stream().anyMatch(s -> !s.parameters().containsKey("device"))) {
            warnings.add("results without the parameter device ran on the processor");
        }
        Map<String, Object> document = Json.document("bench", device(), warnings);
        document.put("results", results);
        return Json.write(document);
    }

    /** The median over iterations; modelled where its name says so, missing where one of them could not be measured. */
    private static Quantity median(String name, List<Double> values) {
        long unknown = values.stream().filter(value -> !Double.isFinite(value)).count();
        if (values.isEmpty() || unknown > 0) {
            return Quantity.unavailable("unknown in " + unknown + " of " + values.size() + " iterations");
        }
        double[] numbers = values.stream().mapToDouble(Double::doubleValue).toArray();
        int model = name.indexOf("modelled[");
        return model < 0
                ? Quantity.measured(OrderStatistics.median(numbers, CONFIDENCE))
                : Quantity.modelled(
                        OrderStatistics.median(numbers, CONFIDENCE),
                        name.substring(model + "modelled[".length(), name.lastIndexOf(']')));
    }

    private static String text(List<Score> scores) {
        Columns columns = new Columns("benchmark", "parameters", "mode", "seconds per operation", "iterations");
        Columns profiles = new Columns("benchmark", "parameters", "profile", "median", "unit");
        boolean profiled = false;
        for (Score score : scores) {
            String parameters = score.parameters().entrySet().stream()
                    .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                    .collect(Collectors.joining(" "));
            columns.row(
                    score.benchmark(),
                    parameters,
                    score.mode(),
                    Text.seconds(median("", score.secondsPerOperation())),
                    score.secondsPerOperation().size());
            for (Map.Entry<String, Score.Profile> profile : score.profiles().entrySet()) {
                profiled = true;
                profiles.row(
                        score.benchmark(),
                        parameters,
                        profile.getKey(),
                        median(profile.getKey(), profile.getValue().values())
                                .estimate()
                                .map(number -> String.format(Locale.ROOT, "%.4g", number.value()))
                                .orElse("-"),
                        profile.getValue().unit());
            }
        }
        return columns.text() + (profiled ? "\n" + profiles.text() : "");
    }
}
