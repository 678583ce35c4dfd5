package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.DeviceProvider;
import org.secateur.profilers.core.sampler.Surroundings;

/** The measuring commands on the processor itself, as roughly as they can. */
@Tag("native")
final class RealDeviceTest {
    @TempDir
    Path folder;

    private Run run(String... args) {
        return Run.of(DeviceProvider::openDevice, Surroundings.host(), args);
    }

    @Test
    void aProfiledStepIsVerifiedByTheTrainersOwn() {
        String store = folder.resolve("secateur.db").toString();
        Run profile = run(
                "profile",
                "--network",
                "resnet8",
                "--batch",
                "1",
                "--cap",
                "0.01",
                "--precision",
                "0.5",
                "--store",
                store,
                "--json");
        JsonNode profiled = profile.json("profile");
        assertThat(profiled.at("/device/fingerprint/identity/libtorch").asText())
                .isNotEmpty();
        Run predict = run("predict", "--network", "resnet8", "--batch", "1", "--verify", "--store", store, "--json");
        JsonNode json = predict.json("predict");
        assertThat(json.at("/verifiedBy").asText()).isEqualTo("step");
        assertThat(json.at("/measuredSeconds/value").asDouble()).isPositive();
        // Measured this roughly, on whatever else runs here, only the order of magnitude can be asked for.
        assertThat(json.at("/relativeError/value").asDouble(10)).isBetween(-0.9, 9.0);
    }
}
