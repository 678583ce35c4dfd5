package org.secateur.harness.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;

/** Benchmarks in this JVM, as shortly as they run. */
final class BenchmarksTest {
    private static final List<String> SHORT = List.of("-f", "0", "-wi", "0", "-i", "2", "-r", "10ms");
    private static final String SMALL =
            "conv2d n=4 c=3 h=8 w=8 k=4 r=3 s=3 stride=1,1 pad=1,1 dilation=1,1 groups=1 pass=forward dtype=f32"
                    + " math=default layout=nchw";

    private final List<String> log = new ArrayList<>();

    private List<Score> run(String... arguments) {
        List<String> all = Stream.concat(Stream.of(arguments), SHORT.stream()).toList();
        return Benchmarks.run(all, Map.of(), log::add);
    }

    @Test
    void aScoreIsSecondsPerOperationOfEachIteration() {
        Score score = run("TinyBenchmark.add").get(0);
        assertThat(score.benchmark()).isEqualTo("TinyBenchmark.add");
        assertThat(score.parameters()).containsExactly(Map.entry("workload", "none"));
        assertThat(score.mode()).isEqualTo("avgt");
        assertThat(score.forks()).isZero();
        assertThat(score.secondsPerOperation()).hasSize(2).allMatch(s -> s > 0 && s < 1e-3);
        assertThat(score.profiles()).isEmpty();
        assertThat(log).anyMatch(line -> line.contains("Iteration   2"));
    }

    @Test
    void theUnitIsSecondsInEveryMode() {
        List<Score> scores = run("TinyBenchmark.add", "-bm", "thrpt,avgt", "-tu", "us");
        assertThat(scores).hasSize(2);
        for (Score score : scores) {
            assertThat(score.secondsPerOperation()).allMatch(s -> s > 1e-11 && s < 1e-3);
        }
    }

    @Test
    void workloadsWithCommasArePassedWhole() {
        List<Score> scores = run("TinyBenchmark.add", "-p", "workload=" + SMALL + "," + SMALL + ",plain");
        // A last value without a blank is no workload's beginning.
        assertThat(scores)
                .extracting(score -> score.parameters().get("workload"))
                .containsExactly(SMALL, SMALL + ",plain");
    }

    @Test
    void theHostProfilerAddsContention() {
        Map<String, Score.Profile> profiles =
                run("TinyBenchmark.add", "-prof", "host").get(0).profiles();
        assertThat(profiles)
                .containsOnlyKeys("host.steal", "host.foreign", "host.own", "host.switches", "host.contended");
        assertThat(profiles.get("host.own").values()).hasSize(2).allMatch(share -> share >= 0);
    }

    @Test
    void theEnergyProfilerAddsModelledJoules() {
        Map<String, Score.Profile> profiles = run(
                        "TinyBenchmark.add", "-prof", "energy:source=modelled;watts=65;idle=0.1")
                .get(0)
                .profiles();
        String model = "energy.modelled[cpu-utilisation 65.0 W busy, 10.0 W idle, assumed]";
        assertThat(profiles).hasSize(5).containsKey(model);
        assertThat(profiles.get(model).unit()).isEqualTo("J/op");
        assertThat(profiles.get(model).values()).hasSize(2).allMatch(joules -> joules > 0);
        assertThat(profiles.get(model + ".wide").values()).containsExactly(1.0, 1.0);
    }

    @Test
    void aProfilerThatCannotWorkSaysWhyBeforeAnythingRuns() {
        assertThatThrownBy(() -> run("TinyBenchmark.add", "-prof", "energy:source=modelled"))
                .isInstanceOfSatisfying(SecateurException.class, e -> {
                    assertThat(e.exit()).isEqualTo(ExitCode.ENVIRONMENT);
                    assertThat(e.what()).isEqualTo("source=modelled needs the processor's power: add watts=W");
                });
        assertThat(log).noneMatch(line -> line.contains("Iteration"));
    }

    @Test
    void resultsAreWrittenAsJmhsOwnJson(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("results.json");
        run("TinyBenchmark.add", "-prof", "host", "-rf", "json", "-rff", file.toString());
        assertThat(Files.readString(file)).contains("\"benchmark\"", "TinyBenchmark.add", "\"host.steal\"");
    }

    @Test
    void aFailingBenchmarkIsAFailure() {
        assertThatThrownBy(() -> run("TinyBenchmark.fail"))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.FAILED));
    }

    @Test
    void wrongArgumentsAreTheUsersMistake() {
        for (String[] arguments : List.of(
                new String[] {"NoSuchBenchmark"},
                new String[] {"TinyBenchmark", "-nosuchoption"},
                new String[] {"TinyBenchmark", "-w", "soon"})) {
            assertThatThrownBy(() -> run(arguments))
                    .isInstanceOfSatisfying(
                            SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BAD_INPUT));
        }
    }

    @Test
    void listingsAreNoRuns() {
        assertThat(Benchmarks.listing(List.of("-l")))
                .contains("ConvolutionBenchmark.launch", "PlanBenchmark.withinCost");
        assertThat(Benchmarks.listing(List.of("-lp", "SurgeryBenchmark"))).contains("param \"network\" = {resnet20}");
        assertThat(Benchmarks.listing(List.of("-lprof"))).contains("energy, gpu, host");
        assertThat(Benchmarks.listing(List.of("-lrf"))).contains("JSON");
        assertThat(Benchmarks.listing(List.of("PlanBenchmark", "-i", "1"))).isEmpty();
    }

    @Test
    void theConvolutionsAreTwentyFourWorkloads() {
        assertThat(Benchmarks.convolutions())
                .hasSize(24)
                .doesNotHaveDuplicates()
                .allSatisfy(text -> {
                    assertThat(Workload.parse(text).text()).isEqualTo(text);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"PlanBenchmark", "SurgeryBenchmark", "TableLookupBenchmark"})
    void whatNeedsNoDeviceRuns(String benchmark) {
        assertThat(run(benchmark)).isNotEmpty().allSatisfy(score -> {
            assertThat(score.secondsPerOperation()).hasSize(2).allMatch(s -> s > 0);
        });
    }

    @Test
    @Tag("native")
    void whatNeedsTheProcessorRuns() {
        assertThat(run("ConvolutionBenchmark", "-p", "workload=" + SMALL, "-p", "regime=HOT"))
                .hasSize(1);
        assertThat(run("LaunchBenchmark")).hasSize(2);
        assertThat(run("TrainingStepBenchmark", "-p", "network=resnet8", "-p", "batch=2", "-p", "layout=NHWC"))
                .hasSize(2);
        assertThat(run("InferenceBenchmark", "-p", "network=resnet8", "-p", "batch=1", "-p", "layout=NHWC"))
                .hasSize(2);
    }
}
