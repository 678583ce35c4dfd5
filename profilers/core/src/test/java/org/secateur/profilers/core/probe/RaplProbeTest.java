package org.secateur.profilers.core.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.probe.Probe.Status;
import org.secateur.profilers.core.rapl.PowercapTree;

class RaplProbeTest {
    @TempDir
    Path directory;

    private final AtomicLong time = new AtomicLong();

    private RaplProbe probe() {
        return new RaplProbe(directory, time::get);
    }

    @Test
    void everyZoneIsReadInJoulesSinceTheStart() throws IOException {
        PowercapTree tree = new PowercapTree(directory)
                .zone("intel-rapl:0", "package-0", 1_500_000)
                .zone("intel-rapl:0:0", "core", 700_000)
                .zone("intel-rapl:1", "package-1-die-0", PowercapTree.RANGE_MICROJOULES - 1_000_000);
        RaplProbe probe = probe();
        time.addAndGet(1_000_000_000);
        tree.energy("intel-rapl:0", 4_000_000);
        tree.energy("intel-rapl:1", 2_000_000);

        assertThat(probe.status()).isEqualTo(Status.AVAILABLE);
        assertThat(probe.readings())
                .isEqualTo(Map.of(
                        "package-0.energyJoules", 2.5,
                        "package-0.core.energyJoules", 0.0,
                        "package-1-die-0.energyJoules", 3.0));
        assertThat(probe.callSeconds()).isPresent();
        assertThat(probe.periodSeconds()).hasValue(1e-3);
        assertThat(probe.resolution().get("energyJoules")).isCloseTo(61.035e-6, within(1e-9));
        assertThat(probe.facts()).isEqualTo(Map.of("zones", "package-0, package-0.core, package-1-die-0"));
    }

    @Test
    void whatCannotBeReadIsAbsentFromThenOn() throws IOException {
        new PowercapTree(directory).zone("intel-rapl:0", "package-0", 1).zone("intel-rapl:0:0", "core", 1);
        RaplProbe probe = probe();
        Files.delete(directory.resolve("intel-rapl:0/energy_uj"));

        assertThat(probe.readings()).containsOnlyKeys("package-0.core.energyJoules");
    }

    @Test
    void whatIsLeftOutIsAFact() throws IOException {
        new PowercapTree(directory).zone("intel-rapl:0", "package-0", 1).zone("intel-rapl:0:0", "core", 1);
        Files.delete(directory.resolve("intel-rapl:0:0/energy_uj"));

        assertThat(probe().facts().get("leftOut")).startsWith("intel-rapl:0:0: ");
    }

    @Test
    void withoutZonesItIsUnavailableWithReasonAndFix() {
        RaplProbe probe = probe();

        Status.Unavailable status = (Status.Unavailable) probe.status();
        assertThat(status.reason()).contains("ENOENT", directory.toString());
        assertThat(status.fix()).contains("modprobe");
        assertThat(probe.readings()).isEmpty();
        assertThat(probe.resolution()).isEmpty();
        assertThat(probe.periodSeconds()).isEmpty();
        assertThat(probe.callSeconds()).isEmpty();
    }
}
