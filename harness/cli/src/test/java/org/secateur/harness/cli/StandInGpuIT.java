package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real program on a GPU that is the stand-in's. */
@Tag("process")
@Timeout(300)
class StandInGpuIT {
    private static final List<String> SMALL = List.of(
            "--network",
            "resnet8",
            "--input",
            "3x8x8",
            "--batch",
            "2",
            "--inference-batch",
            "2",
            "--device",
            "cuda:0",
            "--json");

    private final Path directory;
    private final Path libraries;
    private final Program program;

    StandInGpuIT(@TempDir Path directory) {
        this.directory = directory;
        this.libraries = directory.resolve("nvidia/cudnn/lib");
        this.program = new Program(directory, Map.of("LD_LIBRARY_PATH", libraries.toString()));
    }

    @BeforeEach
    void build() throws IOException, InterruptedException {
        Path home = Path.of(Objects.requireNonNull(System.getProperty("secateur.home"), "secateur.home"));
        int result = new ProcessBuilder(
                        "sh", home.resolve("profilers/cuda/src/test/c/build.sh").toString(), libraries.toString())
                .inheritIO()
                .start()
                .waitFor();
        assumeTrue(result != 77, "skipped: no C compiler (cc, gcc or clang) on PATH for the stand-in libraries");
        assertThat(result).isZero();
    }

    @AfterEach
    void close() throws InterruptedException {
        program.close();
    }

    private Run run(String... command) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of("--cudnn", directory.toString()));
        arguments.addAll(SMALL);
        return program.run(arguments);
    }

    @Test
    void aNetworkIsProfiledItsStepVerifiedAndTheProfileContinued() throws Exception {
        Files.writeString(
                libraries.resolve("libcuda.so.1.txt"),
                "macs_per_second 1e7\nbytes_per_second 1e7\nl2_bytes 4096\nno_arithmetic 1\n");
        Run first = run("profile", "--rough");
        assertThat(first.exit()).as(first.err()).isZero();
        JsonNode profiled = first.json("profile");
        assertThat(profiled.at("/device/id").asText()).isEqualTo("cuda:0");
        assertThat(profiled.at("/device/name").asText()).isEqualTo("STAND-IN");
        int points = profiled.at("/points").asInt();
        assertThat(profiled.at("/measuredPoints").asInt()).isEqualTo(points);
        assertThat(profiled.at("/layers")).isNotEmpty();

        Run again = run("profile", "--rough", "--fast");
        assertThat(again.json("profile").at("/measuredPoints").asInt()).isZero();

        Run predicted = run("predict", "--verify");
        JsonNode step = predicted.json("predict");
        assertThat(step.at("/coverage/missing").asInt()).isZero();
        assertThat(step.at("/verifiedBy").asText()).isEqualTo("step");
        // The stand-in has neither caches nor clocks: its whole is the sum of its parts, up to the gaps between
        // launches.
        assertThat(step.at("/relativeError/value").asDouble(1)).isBetween(-0.03, 0.03);
    }

    /** Without arithmetic, and so without a loss to find lambda by: what is computed is the trainer's test's to judge. */
    @Test
    void aNetworkIsTrainedAndPrunedByTheTimesOfTheGpu() throws Exception {
        Files.writeString(
                libraries.resolve("libcuda.so.1.txt"),
                "macs_per_second 1e7\nbytes_per_second 1e7\nl2_bytes 4096\nno_arithmetic 1\n");
        Files.deleteIfExists(libraries.resolve("libnvidia-ml.so.1")); // its windows of energy take real minutes
        Program.drawSmallImages(directory);
        Run run = train("run", "--engine", "cudnn", "--epochs", "4", "--budget", "train-step=0.7", "--lambda", "1e-4");
        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode json = run.json("run");
        assertThat(json.at("/device/id").asText()).isEqualTo("cuda:0");
        assertThat(json.at("/plans/0/unit").asText()).isEqualTo("seconds");
        assertThat(json.at("/plans/0/decision").asText()).as(run.err()).isEqualTo("ACCEPTED");
        assertThat(json.at("/pruned/widths")).isNotEqualTo(json.at("/dense/widths"));
        assertThat(json.at("/comparison/verdict").asText()).isEqualTo("FASTER");
        assertThat(json.at("/comparison/stepRatio/value").asDouble()).isBetween(0.4, 0.9);
        assertThat(json.at("/dense/history")).hasSize(4);
        assertThat(json.at("/pruned/trainSecondsParts/steps").asDouble())
                .isLessThan(json.at("/dense/trainSecondsParts/steps").asDouble());
        assertThat(json.at("/dense/energyJoules/model").asText()).startsWith("memory-hierarchy");

        Run continued =
                train("prune", "--from", json.at("/files/checkpoint").asText(), "--epochs", "1", "--lambda", "0");
        assertThat(continued.exit()).as(continued.err()).isZero();
    }

    private Run train(String... command) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of("--data", "fashion-mnist:.", "--device", "cuda:0", "--cudnn", directory.toString()));
        arguments.addAll(List.of("--batch", "8", "--inference-batch", "8", "--json"));
        return program.run(arguments);
    }

    @Test
    void anEngineThatTheDeviceDoesNotHaveIsOneSentence() throws Exception {
        Program.drawSmallImages(directory);
        Run run = train("train", "--engine", "libtorch");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.json("error").at("/error/what").asText())
                .isEqualTo("this build of libtorch computes on the processor only");
        Run unknown = train("train", "--engine", "abacus");
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(unknown.err()).contains("unknown engine \"abacus\"").doesNotContain("\tat ");
    }

    @Test
    void aNetworkIsProfiledInHalfPrecisionWithItsChannelsLast() throws Exception {
        Files.writeString(
                libraries.resolve("libcuda.so.1.txt"),
                "macs_per_second 1e7\nbytes_per_second 1e7\nl2_bytes 4096\nno_arithmetic 1\n");
        Run profiled = run("profile", "--rough", "--dtype", "f16", "--layout", "nhwc");
        assertThat(profiled.exit()).as(profiled.err()).isZero();
        assertThat(profiled.json("profile").at("/warnings").toString()).doesNotContain("left out");
        JsonNode step =
                run("predict", "--verify", "--dtype", "f16", "--layout", "nhwc").json("predict");
        assertThat(step.at("/coverage/missing").asInt()).isZero();
        assertThat(step.at("/relativeError/value").asDouble(1)).isBetween(-0.03, 0.03);
    }

    @Test
    void whatCudnnHasNoAlgorithmForIsLeftOutAndNamed() throws Exception {
        Files.writeString(
                libraries.resolve("libcuda.so.1.txt"),
                "macs_per_second 1e7\nbytes_per_second 1e7\nl2_bytes 4096\nno_arithmetic 1\nrefused_k 10\n");
        Run run = run("profile", "--rough");
        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode profiled = run.json("profile");
        assertThat(profiled.at("/warnings").toString())
                .contains("left out: workload linear n=2 in=64 out=10 pass=forward")
                .contains("no algorithm");
        assertThat(profiled.at("/measuredPoints").asInt())
                .isEqualTo(profiled.at("/points").asInt() - 3);
    }

    @Test
    void aCheckThatIsKilledGoesOnWhereItWas() throws Exception {
        Files.writeString(
                libraries.resolve("libcuda.so.1.txt"),
                "macs_per_second 1e8\nbytes_per_second 1e9\nl2_bytes 4096\narithmetic_elements 4096\n");
        Path check = directory.resolve("check");
        List<String> arguments =
                List.of("gpu-check", "--cudnn", directory.toString(), "--out", "check", "--json", "--minutes");
        List<String> first = new ArrayList<>(arguments);
        first.add("4");
        Process process = program.start(first);
        try (BufferedReader lines = process.errorReader()) {
            String line = lines.readLine();
            while (line != null && !line.startsWith("secateur: timing: ")) {
                line = lines.readLine();
            }
            assertThat(line).contains("timing: DONE");
        }
        process.destroyForcibly();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        JsonNode killed = summary(check);
        assertThat(status(killed, "correctness")).isEqualTo("DONE");
        int kernels = killed.at("/phases/1/findings/right").asInt();
        assertThat(kernels).isGreaterThan(200);
        assertThat(killed.at("/phases/1/findings/wrong")).isEmpty();
        // As if the time had been up shortly before its end.
        ObjectNode phase = (ObjectNode) killed.at("/phases/1");
        phase.put("status", "PARTIAL");
        ((ObjectNode) phase.get("findings"))
                .put("checked", kernels - 6)
                .putArray("refused")
                .add("one that was refused then");
        Files.writeString(check.resolve("summary.json"), killed.toString());

        Files.writeString(
                libraries.resolve("libcuda.so.1.txt"),
                "macs_per_second 1e8\nbytes_per_second 1e9\nl2_bytes 4096\narithmetic_elements 4096\nhang_at_exit 1\n");
        List<String> second = new ArrayList<>(arguments);
        second.addAll(List.of("0.6", "--continue", "check"));
        long start = System.nanoTime();
        Run again = program.run(second);
        assertThat((System.nanoTime() - start) / 1e9).isLessThan(36);
        assertThat(again.exit()).as(again.err()).isZero();
        JsonNode done = summary(check);
        assertThat(done.at("/phases")).isEqualTo(again.json("gpu-check").at("/phases"));
        assertThat(done.at("/phases/0")).isEqualTo(killed.at("/phases/0"));
        assertThat(status(done, "correctness")).isEqualTo("DONE");
        assertThat(done.at("/phases/1/findings/right").asInt()).isEqualTo(kernels - 1);
        assertThat(done.at("/phases/1/findings/refused")).hasSize(1);
        assertThat(done.at("/phases/2/findings/timeRatioOfTwice/value").asDouble())
                .isBetween(1.99, 2.01);
        assertThat(status(done, "staircase")).isEqualTo("DONE");
        assertThat(status(done, "torch")).isEqualTo("TODO");
    }

    private static JsonNode summary(Path check) throws IOException {
        String text = Files.readString(check.resolve("summary.json"));
        assertThat(Run.problems(text, "gpu-check")).isEmpty();
        return new ObjectMapper().readTree(text);
    }

    private static String status(JsonNode summary, String name) {
        for (JsonNode phase : summary.at("/phases")) {
            if (phase.at("/name").asText().equals(name)) {
                return phase.at("/status").asText();
            }
        }
        return "absent";
    }

    @Test
    void aMachineWithoutAGpuIsOneSentence() throws Exception {
        Files.writeString(libraries.resolve("libcuda.so.1.txt"), "devices 0\n");
        Run run = run("profile", "--rough");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.err()).contains("the driver sees no GPU").doesNotContain("\tat ");
    }
}
