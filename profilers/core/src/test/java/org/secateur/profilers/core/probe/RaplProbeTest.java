package org.secateur.profilers.core.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.probe.Probe.Status;

class RaplProbeTest {
    @TempDir
    Path directory;

    private void zone(String folder, String name, String microjoules) throws IOException {
        Path zone = Files.createDirectories(directory.resolve(folder));
        Files.writeString(zone.resolve("name"), name + "\n");
        Files.writeString(zone.resolve("energy_uj"), microjoules + "\n");
    }

    private static Status.Unavailable unavailable(RaplProbe probe) {
        assertThat(probe.readings()).isEmpty();
        assertThat(probe.periodSeconds()).isEmpty();
        assertThat(probe.callSeconds()).isEmpty();
        return (Status.Unavailable) probe.status();
    }

    @Test
    void everyZoneOfEverySocketIsReadInJoules() throws IOException {
        zone("intel-rapl:0", "package-0", "1500000");
        zone("intel-rapl:0:0", "core", "700000");
        zone("intel-rapl:0:1", "dram", "0");
        zone("intel-rapl:1", "package-1-die-0", "262143328850");
        zone("intel-rapl:1:0", "core", "1");
        Files.createDirectories(directory.resolve("intel-rapl")); // the control type itself, not a zone
        RaplProbe probe = new RaplProbe(directory);

        assertThat(probe.status()).isEqualTo(Status.AVAILABLE);
        assertThat(probe.readings())
                .isEqualTo(Map.of(
                        "package-0.energyJoules", 1.5,
                        "package-0.core.energyJoules", 0.7,
                        "package-0.dram.energyJoules", 0.0,
                        "package-1-die-0.energyJoules", 262143.32885,
                        "package-1-die-0.core.energyJoules", 1e-6));
        assertThat(probe.callSeconds()).isPresent();
    }

    @Test
    void withoutZonesTheReasonIsThatThereAreNone() throws IOException {
        assertThat(unavailable(new RaplProbe(directory.resolve("absent"))).reason())
                .contains("ENOENT");
        assertThat(unavailable(new RaplProbe(directory)).fix()).contains("modprobe");
    }

    @Test
    void aCounterForRootOnlyNamesTheFix() throws IOException {
        zone("intel-rapl:0", "package-0", "1");
        RaplProbe probe = new RaplProbe(directory, file -> {
            if (file.endsWith("energy_uj")) {
                throw new AccessDeniedException(file.toString());
            }
            return Files.readString(file);
        });

        assertThat(unavailable(probe).reason()).contains("EACCES").contains("intel-rapl:0/energy_uj");
        assertThat(unavailable(probe).fix()).isEqualTo("sudo chmod a+r " + directory + "/intel-rapl:*/energy_uj");
    }

    @Test
    void aCounterThatIsNoNumberOrIsMissingIsUnavailableAndNotZero() throws IOException {
        zone("intel-rapl:0", "package-0", "NaN");
        assertThat(unavailable(new RaplProbe(directory)).reason()).contains("NaN");

        Files.delete(directory.resolve("intel-rapl:0/energy_uj"));
        assertThat(unavailable(new RaplProbe(directory)).reason()).contains("cannot be read");
    }
}
