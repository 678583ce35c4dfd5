package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedBoard;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.profilers.core.simulation.VirtualClock;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.TableJson;
import picocli.CommandLine;

/** A GPU's check in virtual time, on a simulated board of 60 W idle and 200 W at work. */
final class GpuCheckCommandTest {
    @TempDir
    Path directory;

    private final SimulatedDevice device = new SimulatedDevice(
            GpuCheckCommandTest::seconds,
            workload -> 140,
            Disturbance.NONE,
            new SimulatedBoard(BoardModel.PLAIN, new VirtualClock(), 1),
            1);

    /** Arithmetic in steps of 16 output channels. */
    private static double seconds(Workload workload) {
        double macs = (double) workload.macs();
        if (workload.operation() instanceof Convolution o) {
            macs *= 16 * Math.ceil(o.k() / 16.0) / o.k();
        }
        return 5e-4 + macs / 1e12;
    }

    private Run check(String... args) {
        return checkWith("no-such-python", args);
    }

    private Session session(String python, StringWriter out, StringWriter err) {
        Console console = new Console(new PrintWriter(out), new PrintWriter(err), false);
        return new Session(console, Map.of("SECATEUR_PYTHON", python), id -> device, device.surroundings());
    }

    private Run checkWith(String python, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new GpuCheckCommand(session(python, out, err), () -> 1.5))
                .setExecutionExceptionHandler((e, command, result) -> 2)
                .execute(Stream.concat(Stream.of("--json"), Stream.of(args)).toArray(String[]::new));
        return new Run(exit, out.toString(), err.toString());
    }

    private String place(String name) {
        return directory.resolve(name).toString();
    }

    private JsonNode summary(String name) throws IOException {
        String text = Files.readString(directory.resolve(name).resolve("summary.json"));
        assertThat(Run.problems(text, "gpu-check")).as(text).isEmpty();
        return new ObjectMapper().readTree(text);
    }

    private static JsonNode phase(JsonNode summary, String name) {
        for (JsonNode phase : summary.at("/phases")) {
            if (phase.at("/name").asText().equals(name)) {
                return phase;
            }
        }
        throw new AssertionError("no phase " + name + " in " + summary);
    }

    private static List<String> named(JsonNode summary, String status) {
        List<String> names = new ArrayList<>();
        summary.at("/phases").forEach(phase -> {
            if (phase.at("/status").asText().equals(status)) {
                names.add(phase.at("/name").asText());
            }
        });
        return names;
    }

    private static Reader unpacked(Path file) throws IOException {
        return new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8);
    }

    @Test
    void everyPhaseTellsTheTruthOfTheDevice() throws IOException {
        Run run = checkWith(python(), "--out", place("check"), "--minutes", "60");
        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode summary = run.json("gpu-check");
        assertThat(summary("check").at("/phases")).isEqualTo(summary.at("/phases"));
        assertThat(named(summary, "UNAVAILABLE")).as(run.err()).containsExactly("correctness");
        assertThat(named(summary, "DONE")).as(run.err()).hasSize(13);

        JsonNode timing = phase(summary, "timing").at("/findings");
        assertThat(timing.at("/timeRatioOfTwice/value").asDouble()).isCloseTo(2, within(1e-6));
        assertThat(timing.at("/same/verdict").asText()).isEqualTo("SAME");
        JsonNode energy = phase(summary, "energy").at("/findings");
        assertThat(energy.at("/energyRatioOfTwice/value").asDouble()).isCloseTo(2, within(0.02));
        assertThat(energy.at("/watts/value").asDouble()).isCloseTo(200, within(2.0));
        JsonNode calibration = phase(summary, "calibration").at("/findings/readings");
        assertThat(calibration.at("/idleWatts").asDouble()).isCloseTo(60, within(1.0));
        JsonNode torch = phase(summary, "torch").at("/findings");
        assertThat(torch.at("/versions").asText()).isEqualTo("fake 1.0");
        assertThat(torch.at("/refused")).hasSize(1);
        assertThat(torch.at("/refused/0").asText()).contains("too large");
        assertThat(torch.at("/convolutions")).hasSize(39);
        torch.at("/convolutions").forEach(one -> {
            double seconds = seconds(Workload.parse(one.at("/workload").asText()));
            assertThat(one.at("/ratio/value").asDouble()).isCloseTo(seconds / 1e-3, within(1e-6));
            assertThat(one.at("/pairs").asInt()).isEqualTo(8);
        });
        assertThat(torch.at("/met/reason").asText()).isEqualTo("39 of 40 were compared");
        JsonNode edges = phase(summary, "staircase").at("/findings/edges");
        assertThat(edges).hasSize(15);
        edges.forEach(edge -> {
            assertThat(edge.at("/below").asInt() % 16).isZero();
            assertThat(edge.at("/above").asInt()).isEqualTo(edge.at("/below").asInt() + 1);
        });
        for (String network : List.of("resnet50-f16-256", "resnet50-tf32-32", "resnet20-f32-128")) {
            JsonNode found = phase(summary, network).at("/findings");
            assertThat(found.at("/missing").asInt(1)).isZero();
            assertThat(found.at("/relativeError/value").asDouble(1)).isCloseTo(0, within(1e-3));
        }
        JsonNode prunings = phase(summary, "resnet50-prunings").at("/findings");
        assertThat(prunings.at("/judged").asInt()).isEqualTo(20);
        assertThat(prunings.at("/prunings")).hasSize(24);
        assertThat(prunings.at("/additivity/scale").asDouble()).isCloseTo(1, within(1e-3));
        assertThat(prunings.at("/worstError").asDouble(1)).isLessThan(1e-3);
        assertThat(prunings.at("/met").asBoolean()).isTrue();
        JsonNode joules = phase(summary, "resnet50-joules").at("/findings");
        assertThat(joules.at("/judged").asInt()).isEqualTo(8);
        assertThat(joules.at("/prunings")).hasSize(12);
        assertThat(joules.at("/prunings/0/watts/value").asDouble()).isCloseTo(200, within(2.0));
        assertThat(joules.at("/medianError").asDouble(1)).isLessThan(0.02);
        assertThat(joules.at("/met").asBoolean()).isTrue();
        JsonNode heldOut = phase(summary, "anchors").at("/findings/heldOut");
        assertThat(heldOut).hasSize(2);
        heldOut.forEach(width ->
                assertThat(width.at("/relativeError/value").asDouble(1)).isCloseTo(0, within(0.02)));

        try (Stream<Path> files = Files.list(directory.resolve("check"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("summary.json", "table.json.gz", "samples-1.json.gz", "log.txt");
        }
        try (Reader in = unpacked(directory.resolve("check/table.json.gz"))) {
            CostTable table = TableJson.read(in, "table");
            assertThat(table.rows()).hasSize(summary.at("/rows").asInt()).hasSizeGreaterThan(300);
        }
        try (Reader in = unpacked(directory.resolve("check/samples-1.json.gz"))) {
            JsonNode samples = new ObjectMapper().readTree(in);
            assertThat(samples.at("/timing/onceSeconds")).hasSize(20);
            assertThat(samples.at("/energy/joules")).hasSize(6);
        }
    }

    /** What stands for a Python with PyTorch: every launch takes a millisecond, but one that it refuses. */
    private String python() throws IOException {
        Path python = Files.writeString(directory.resolve("python"), """
                #!/bin/sh
                echo "ready fake 1.0"
                while read -r place; do
                    if [ "$place" = 3 ]; then echo "failed too large"; else echo 0.001; fi
                done
                """);
        assertThat(python.toFile().setExecutable(true)).isTrue();
        return python.toString();
    }

    @Test
    void aPythonThatDoesNotAnswerIsEndedWhenTheTimeIsUp() throws IOException {
        Path python = Files.writeString(directory.resolve("python"), "#!/bin/sh\nexec sleep 600\n");
        assertThat(python.toFile().setExecutable(true)).isTrue();
        Session session = session(python.toString(), new StringWriter(), new StringWriter());
        GpuCheckFolder folder = GpuCheckFolder.open(directory.resolve("check"), Optional.empty(), device);
        GpuTorchPhase phase = new GpuTorchPhase(new GpuBench(device, session, folder, 1));
        assertThatThrownBy(() -> phase.compare(Countdown.of(session::seconds, 0.2)))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("Python ended");
    }

    @Test
    void pruningsThatWereTimedAreNotTimedAgain() {
        Session session = session("no-such-python", new StringWriter(), new StringWriter());
        GpuCheckFolder folder = GpuCheckFolder.open(directory.resolve("check"), Optional.empty(), device);
        List<?> whole = list(prunings(session, folder, 1e6));
        // As if the time had been up after seven, the first of which tells that it is of then.
        List<Object> some = new ArrayList<>(whole.subList(0, 7));
        Map<Object, Object> old = new LinkedHashMap<>((Map<?, ?>) some.get(0));
        old.put("macs", 1.5);
        some.set(0, old);
        GpuPhase phase = new GpuPhase(GpuPruningSeconds.NAME, 1, 1, time -> new GpuFindings());
        GpuFindings found = new GpuFindings().put("prunings", some);
        folder.put(phase, GpuPhase.Status.PARTIAL, 1, Optional.empty(), found);
        folder.write(Map.of("phases", folder.phases()));
        GpuCheckFolder next =
                GpuCheckFolder.open(directory.resolve("next"), Optional.of(directory.resolve("check")), device);
        GpuFindings none = prunings(session, next, 1);
        assertThat(none.isComplete()).isFalse();
        assertThat(list(none)).isEqualTo(some);
        assertThat(none.facts().get("met")).isInstanceOf(Quantity.Missing.class);
        GpuFindings all = prunings(session, next, 1e6);
        assertThat(all.isComplete()).isTrue();
        assertThat(all.facts()).containsEntry("judged", 20).containsEntry("met", true);
        assertThat(list(all)).hasSize(24);
        assertThat(list(all).subList(0, 7)).isEqualTo(some);
    }

    private GpuFindings prunings(Session session, GpuCheckFolder folder, double seconds) {
        GpuBench bench = new GpuBench(device, session, folder, 1);
        return new GpuPruningSeconds(bench, new GpuPrunings(bench)).compare(Countdown.of(session::seconds, seconds));
    }

    private static List<?> list(GpuFindings found) {
        return (List<?>) Objects.requireNonNull(found.facts().get("prunings"));
    }

    @Test
    void aCheckKeepsItsTimeAndGoesOnWhereItWas() throws IOException {
        Run first = check("--out", place("check"), "--minutes", "2");
        assertThat(first.exit()).as(first.err()).isZero();
        JsonNode before = summary("check");
        assertThat(before.at("/usedSeconds").asDouble()).isBetween(60.0, 120.0);
        assertThat(named(before, "DONE")).contains("facts", "timing");
        assertThat(named(before, "TODO")).as(before.at("/phases").toString()).contains("anchors");

        Run refused = check("--out", place("check"), "--minutes", "2");
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(summary("check")).isEqualTo(before);

        Run second = check("--out", place("next"), "--continue", place("check"), "--minutes", "60");
        assertThat(second.exit()).as(second.err()).isZero();
        JsonNode after = summary("next");
        assertThat(named(after, "DONE")).hasSize(12);
        for (String done : named(before, "DONE")) {
            assertThat(phase(after, done)).isEqualTo(phase(before, done));
        }
        assertThat(after.at("/rows").asInt()).isGreaterThan(before.at("/rows").asInt());
        Files.writeString(directory.resolve("next/.summary.json.1.part"), "left by a process that was killed");
        JsonNode again =
                check("--out", place("next"), "--continue", place("next")).json("gpu-check");
        assertThat(again.at("/phases")).isEqualTo(after.at("/phases"));
        assertThat(directory.resolve("next")).isDirectoryNotContaining("glob:**/.*.part");
    }

    @Test
    void whatIsNoCheckCannotBeContinued() {
        Run run = Run.of(
                id -> device,
                device.surroundings(),
                "gpu-check",
                "--out",
                place("check"),
                "--continue",
                place("nothing"),
                "--minutes",
                "600",
                "--json");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.json("error").at("/error/what").asText()).contains("cannot be read");
    }
}
