package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;

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
}
