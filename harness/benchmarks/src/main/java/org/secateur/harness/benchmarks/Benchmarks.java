package org.secateur.harness.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.ProfilerFactory;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Defaults;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.ProfilersFailedException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.secateur.profilers.jmh.EnergyProfiler;
import org.secateur.profilers.jmh.GpuProfiler;
import org.secateur.profilers.jmh.HostProfiler;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * Runs the benchmarks of this installation through JMH. A forked JVM inherits this one's arguments, class path and
 * environment, and with them the launcher's threads and their wait policy.
 */
public final class Benchmarks {
    /** The benchmark that measures what the sampler measures. */
    public static final String CONVOLUTION = "ConvolutionBenchmark.launch";

    /** This project's profilers by their short names. */
    private static final Map<String, String> PROFILERS = Map.of(
            "energy", EnergyProfiler.class.getName(),
            "gpu", GpuProfiler.class.getName(),
            "host", HostProfiler.class.getName());

    /** A comma before the next workload's name; those inside a workload stand between digits. */
    private static final String BETWEEN_WORKLOADS = ",(?=[a-z][a-z0-9]* )";

    private static final String HELP = "see what JMH offers in its documentation, and the benchmarks with -l";

    private Benchmarks() {}

    /** The workloads of the convolution benchmark, as canonical texts. */
    public static List<String> convolutions() {
        try {
            return List.of(ConvolutionBenchmark.class
                    .getDeclaredField("workload")
                    .getAnnotation(Param.class)
                    .value());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("the convolution benchmark has lost its parameter", e);
        }
    }

    /**
     * Runs benchmarks.
     *
     * @param arguments as JMH's own command line takes them; {@code -prof} knows {@code energy}, {@code gpu} and
     *     {@code host} too, and {@code -p workload=} takes texts with commas
     * @param parameters values of parameters, for benchmarks that have them
     * @param log gets the lines that JMH prints
     * @throws SecateurException for wrong arguments, when no benchmark matches, when a profiler cannot work here, and when
     *     a benchmark fails
     */
    public static List<Score> run(List<String> arguments, Map<String, List<String>> parameters, Consumer<String> log) {
        Request request = Request.parse(arguments);
        ChainedOptionsBuilder options = new OptionsBuilder()
                .parent(request.options())
                .shouldFailOnError(request.options().shouldFailOnError().orElse(true));
        parameters.forEach((name, values) -> options.param(name, values.toArray(String[]::new)));
        if (!request.workloads().isEmpty()) {
            options.param("workload", request.workloads().toArray(String[]::new));
        }
        try (LineStream lines = new LineStream(log)) {
            OutputFormat format = OutputFormatFactory.createFormatInstance(
                    print(lines), request.options().verbosity().orElse(Defaults.VERBOSITY));
            return new Runner(options.build(), format)
                    .run().stream().map(Benchmarks::score).toList();
        } catch (NoBenchmarksException e) {
            throw SecateurException.badInput(
                    "no benchmark matches", String.join(" ", arguments), "see the benchmarks with -l");
        } catch (ProfilersFailedException e) {
            throw SecateurException.environment(reasons(e), "-prof", "leave the profiler out, or mend that");
        } catch (RunnerException e) {
            throw new SecateurException(
                    ExitCode.FAILED,
                    "a benchmark failed: " + e.getMessage(),
                    String.join(" ", arguments),
                    "see above what it printed",
                    e);
        }
    }

    /**
     * What the arguments ask to be listed, as JMH lists it: benchmarks ({@code -l}), with their parameters ({@code -lp}),
     * profilers ({@code -lprof}) or formats of result files ({@code -lrf}); empty when they ask for a run.
     *
     * @throws SecateurException for wrong arguments
     */
    public static String listing(List<String> arguments) {
        CommandLineOptions options = Request.parse(arguments).options();
        StringBuilder text = new StringBuilder();
        try (LineStream lines = new LineStream(line -> text.append(line).append('\n'))) {
            PrintStream print = print(lines);
            Runner runner = new Runner(options, OutputFormatFactory.createFormatInstance(print, Defaults.VERBOSITY));
            if (options.shouldList()) {
                runner.list();
            } else if (options.shouldListWithParams()) {
                runner.listWithParams(options);
            } else if (options.shouldListProfilers()) {
                ProfilerFactory.listProfilers(print);
                print.println("This project's: "
                        + String.join(", ", PROFILERS.keySet().stream().sorted().toList()));
            } else if (options.shouldListResultFormats()) {
                print.println(Arrays.toString(ResultFormatType.values()));
            }
        }
        return text.toString();
    }

    /** JMH closes what it prints to. */
    private static PrintStream print(LineStream lines) {
        return new PrintStream(lines, true, StandardCharsets.UTF_8);
    }

    private static String reasons(ProfilersFailedException e) {
        return Stream.concat(Stream.ofNullable(e.getCause()), Arrays.stream(e.getSuppressed()))
                .map(Throwable::getMessage)
                .collect(Collectors.joining("; "));
    }

    private static Score score(RunResult run) {
        BenchmarkParams params = run.getParams();
        Map<String, String> parameters = new LinkedHashMap<>();
        params.getParamsKeys().forEach(name -> parameters.put(name, params.getParam(name)));
        List<Double> seconds = new ArrayList<>();
        Map<String, List<Double>> values = new LinkedHashMap<>();
        Map<String, String> units = new LinkedHashMap<>();
        for (BenchmarkResult fork : run.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                seconds.add(seconds(iteration.getPrimaryResult().getScore(), params));
                for (Map.Entry<String, Result> profiled :
                        iteration.getSecondaryResults().entrySet()) {
                    units.put(profiled.getKey(), profiled.getValue().getScoreUnit());
                    values.computeIfAbsent(profiled.getKey(), label -> new ArrayList<>())
                            .add(profiled.getValue().getScore());
                }
            }
        }
        Map<String, Score.Profile> profiles = new LinkedHashMap<>();
        values.forEach((label, each) -> profiles.put(label, new Score.Profile(units.get(label), each)));
        return new Score(
                shortName(params.getBenchmark()),
                parameters,
                params.getMode().shortLabel(),
                params.getForks(),
                seconds,
                profiles);
    }

    private static double seconds(double score, BenchmarkParams params) {
        double unit = params.getTimeUnit().toNanos(1) / 1e9;
        return params.getMode() == Mode.Throughput ? unit / score : unit * score;
    }

    /** Class and method without the package. */
    private static String shortName(String benchmark) {
        int method = benchmark.lastIndexOf('.');
        return benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1);
    }

    /**
     * What the arguments ask for.
     *
     * @param workloads values of the parameter of that name, which JMH would cut at their commas; may be empty
     */
    private record Request(CommandLineOptions options, List<String> workloads) {
        static Request parse(List<String> arguments) {
            List<String> given = new ArrayList<>();
            List<String> workloads = new ArrayList<>();
            for (int i = 0; i < arguments.size(); i++) {
                String argument = arguments.get(i);
                String before = i == 0 ? "" : arguments.get(i - 1);
                if (before.equals("-p") && argument.startsWith("workload=")) {
                    given.remove(given.size() - 1);
                    workloads.addAll(
                            List.of(argument.substring("workload=".length()).split(BETWEEN_WORKLOADS, -1)));
                } else {
                    given.add(before.equals("-prof") ? profiler(argument) : argument);
                }
            }
            try {
                return new Request(new CommandLineOptions(given.toArray(String[]::new)), workloads);
            } catch (CommandLineOptionException e) {
                throw new SecateurException(
                        ExitCode.BAD_INPUT, "JMH says: " + e.getMessage(), String.join(" ", arguments), HELP, e);
            }
        }

        private static String profiler(String argument) {
            int colon = argument.indexOf(':');
            String name = colon < 0 ? argument : argument.substring(0, colon);
            return PROFILERS.getOrDefault(name, name) + argument.substring(name.length());
        }
    }
}
