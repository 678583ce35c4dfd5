package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import picocli.CommandLine;

final class DoctorCommandTest {
    @TempDir
    Path folder;

    private String store() {
        return folder.resolve("secateur.db").toString();
    }

    @Test
    void theDocumentTellsEveryProbe() {
        Run run = Run.of(
                id -> new SimulatedDevice(w -> 1e-3, Disturbance.NONE, 1),
                Surroundings.host(),
                "doctor",
                "--seconds",
                "0.1",
                "--store",
                store(),
                "--json");
        assertThat(run.exit()).isZero();
        JsonNode json = run.json("doctor");
        assertThat(json.at("/probes").findValuesAsText("id"))
                .containsExactlyInAnyOrder("clock", "host", "rapl", "nvml", "cuda", "libtorch");
        assertThat(json.at("/store/exists").asBoolean()).isFalse();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aMachineWithoutItsDeviceIsUnfitWhichOnlyStrictTurnsIntoAnExitCode() {
        String[] args = {"doctor", "--seconds", "0.1", "--store", store()};
        Run lenient = Run.withoutDevice(args);
        assertThat(lenient.exit()).isZero();
        assertThat(lenient.out())
                .startsWith("UNFIT")
                .contains("no backend is installed")
                .contains("install one");
        assertThat(lenient.out().lines()).hasSizeLessThanOrEqualTo(24);
        Run strict = Run.withoutDevice("doctor", "--seconds", "0.1", "--store", store(), "--strict", "--json");
        assertThat(strict.exit()).isEqualTo(3);
        assertThat(strict.json("doctor").at("/verdict").asText()).isEqualTo("UNFIT");
    }

    @Test
    void aCorruptStoreIsToldNotThrown() throws IOException {
        Files.writeString(Path.of(store()), "this is no database, however long it may be ".repeat(50));
        Run run = Run.withoutDevice("doctor", "--seconds", "0.1", "--store", store(), "--json");
        assertThat(run.exit()).isZero();
        JsonNode found = run.json("doctor").at("/store");
        assertThat(found.at("/status").asText()).isEqualTo("UNAVAILABLE");
        assertThat(found.at("/reason").asText()).contains("corrupt");
    }

    /** A call on another machine, whose device is simulated. */
    private Run doctor(Machine machine, Map<String, String> environment, String... more) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Session session = new Session(
                new Console(new PrintWriter(out), new PrintWriter(err), false),
                environment,
                id -> new SimulatedDevice(w -> 1e-3, Disturbance.NONE, 1),
                Surroundings.host());
        List<String> arguments = new ArrayList<>(List.of("--seconds", "0.1", "--store", store()));
        arguments.addAll(List.of(more));
        int exit = new CommandLine(new DoctorCommand(session, machine)).execute(arguments.toArray(String[]::new));
        session.console().out().flush();
        return new Run(exit, out.toString(), err.toString());
    }

    private Machine bare() {
        return new Machine(Path.of("/proc"), folder.resolve("powercap"), "libsecateur-is-not-here.so.1");
    }

    private static JsonNode probe(JsonNode document, String id) {
        for (JsonNode probe : document.at("/probes")) {
            if (probe.at("/id").asText().equals(id)) {
                return probe;
            }
        }
        throw new AssertionError("no probe " + id + " in " + document);
    }

    @Test
    void aVirtualMachineWithoutCountersIsExaminedToTheEnd() {
        Run run = doctor(bare(), Map.of(), "--json");

        assertThat(run.exit()).isZero();
        JsonNode json = run.json("doctor");
        assertThat(probe(json, "rapl").at("/status").asText()).isEqualTo("UNAVAILABLE");
        assertThat(probe(json, "rapl").at("/reason").asText()).contains("ENOENT");
        assertThat(probe(json, "rapl").at("/fix").asText()).contains("modprobe");
        assertThat(probe(json, "rapl").at("/readings")).isEmpty();
        assertThat(probe(json, "nvml").at("/reason").asText()).contains("no NVIDIA driver");
        assertThat(probe(json, "clock").at("/readings/floorSeconds").asDouble()).isPositive();
        assertThat(probe(json, "host").at("/readings/logicalProcessors").asInt())
                .isPositive();
        assertThat(json.at("/libraries").has("java")).isTrue();
        assertThat(json.at("/libraries").has("oshi")).isTrue();
        assertThat(json.at("/clashes")).isEmpty();
    }

    @Test
    void anEnergyCounterIsToldWithItsPeriodAndStep() throws IOException {
        Path zone = Files.createDirectories(folder.resolve("powercap/intel-rapl:0"));
        Files.writeString(zone.resolve("name"), "package-0\n");
        Files.writeString(zone.resolve("energy_uj"), "1234\n");
        Files.writeString(zone.resolve("max_energy_range_uj"), "262143328850\n");

        JsonNode rapl = probe(doctor(bare(), Map.of(), "--json").json("doctor"), "rapl");
        assertThat(rapl.at("/status").asText()).isEqualTo("AVAILABLE");
        assertThat(rapl.at("/periodSeconds/value").asDouble()).isEqualTo(1e-3);
        assertThat(rapl.at("/resolution/energyJoules").asDouble()).isBetween(61e-6, 61.1e-6);
        assertThat(rapl.at("/readings/package-0.energyJoules").asDouble()).isZero();
        assertThat(rapl.at("/facts/zones").asText()).isEqualTo("package-0");

        String text = doctor(bare(), Map.of()).out();
        assertThat(text).contains("probe     rapl: available, every 1.00 ms, in steps of 61.0 uJ");
        assertThat(text.lines()).hasSizeLessThanOrEqualTo(24);
    }

    @Test
    void moreThreadsThanProcessorsAndLibrariesThatClashTakeCare() throws IOException {
        Path torch = Files.createFile(folder.resolve("libtorch_cpu.so"));
        Map<String, String> environment =
                Map.of("OMP_NUM_THREADS", "9999", "LD_LIBRARY_PATH", folder.toString(), "OMP_WAIT_POLICY", "PASSIVE");

        JsonNode json = doctor(bare(), environment, "--json").json("doctor");
        assertThat(json.at("/verdict").asText()).isIn("CARE", "UNFIT");
        assertThat(json.at("/reasons").toString())
                .contains("OMP_NUM_THREADS is 9999")
                .contains("leads to another libtorch: " + torch);
        assertThat(json.at("/clashes/0/file").asText()).isEqualTo(torch.toString());
        assertThat(json.at("/threads/waitPolicy").asText()).isEqualTo("PASSIVE");
        assertThat(doctor(bare(), environment).out()).contains("others clash");
    }
}
