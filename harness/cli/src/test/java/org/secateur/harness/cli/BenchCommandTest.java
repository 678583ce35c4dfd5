package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The benchmarks that need no device, in this JVM and as shortly as they run. */
final class BenchCommandTest {
    private static Run bench(String... args) {
        return Run.simulated(
                Stream.concat(Stream.of("bench", "-f", "0", "-wi", "0", "-i", "6", "-r", "10ms"), Arrays.stream(args))
                        .toArray(String[]::new));
    }

    @Test
    void scoresAreADocument() {
        Run run = bench("SurgeryBenchmark.graphOnly", "-p", "network=resnet8", "-prof", "host", "--json");
        JsonNode json = run.json("bench");
        assertThat(json.at("/device/name").asText()).isEqualTo("SIMULATED");
        assertThat(json.at("/results")).hasSize(1);
        JsonNode result = json.at("/results/0");
        assertThat(result.at("/benchmark").asText()).isEqualTo("SurgeryBenchmark.graphOnly");
        assertThat(result.at("/parameters/network").asText()).isEqualTo("resnet8");
        assertThat(result.at("/mode").asText()).isEqualTo("avgt");
        assertThat(result.at("/forks").asInt(1)).isZero();
        assertThat(result.at("/iterationSeconds")).hasSize(6);
        assertThat(result.at("/secondsPerOperation/value").asDouble()).isBetween(1e-7, 1.0);
        assertThat(result.at("/secondsPerOperation/blocks").asInt()).isEqualTo(6);
        assertThat(result.at("/profiles").findValuesAsText("name")).contains("host.steal", "host.switches");
        assertThat(run.err()).contains("Iteration");
    }

    @Test
    void modelledEnergyIsMarkedWithItsModel() {
        JsonNode profiles = bench(
                        "SurgeryBenchmark.graphOnly",
                        "-p",
                        "network=resnet8",
                        "-prof",
                        "energy:source=modelled;watts=65;idle=0.1",
                        "--json")
                .json("bench")
                .at("/results/0/profiles");
        assertThat(profiles).hasSize(5);
        assertThat(profiles.at("/0/value/provenance").asText()).isEqualTo("MODELLED");
        assertThat(profiles.at("/0/value/model").asText())
                .isEqualTo("cpu-utilisation 65.0 W busy, 10.0 W idle, assumed");
        assertThat(profiles.at("/0/value/value").asDouble()).isPositive();
    }

    @Test
    void scoresAreATable() {
        Run run = bench("SurgeryBenchmark.graphOnly", "-p", "network=resnet8", "-prof", "host");
        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .startsWith("benchmark ")
                .contains("SurgeryBenchmark.graphOnly  network=resnet8 width=0.5  avgt")
                .contains("host.steal");
    }

    @Test
    void aBenchmarkThatIsNotThereIsTheUsersMistake() {
        Run run = bench("NoSuchBenchmark", "--json");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.json("error").at("/error/what").asText()).isEqualTo("no benchmark matches");
    }

    @Test
    void aProfilerThatCannotWorkIsTheEnvironmentsLack() {
        Run run = bench("SurgeryBenchmark", "-prof", "energy:source=modelled", "--json");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.json("error").at("/error/what").asText())
                .isEqualTo("source=modelled needs the processor's power: add watts=W");
        assertThat(run.err()).doesNotContain("Iteration");
    }

    @Test
    void theBenchmarksAreListed() {
        Run run = Run.withoutDevice("bench", "-l");
        assertThat(run.exit()).isZero();
        assertThat(run.out()).contains("ConvolutionBenchmark.launch", "LaunchBenchmark.launch");
    }
}
