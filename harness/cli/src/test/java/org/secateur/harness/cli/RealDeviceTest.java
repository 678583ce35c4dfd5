package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
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

    private static Run run(String... args) {
        // Sizes at which a cold point opens soon: tiny tensors need very many sets of buffers.
        Stream<String> sizes = Stream.of(
                "--network", "resnet8", "--input", "3x16x16", "--batch", "64", "--inference-batch", "64", "--json");
        return Run.of(
                DeviceProvider::openDevice,
                Surroundings.host(),
                Stream.concat(Arrays.stream(args), sizes).toArray(String[]::new));
    }

    @Test
    void aProfiledStepIsVerifiedByTheTrainersOwn() {
        String store = folder.resolve("secateur.db").toString();
        Run profile = run("profile", "--rough", "--store", store);
        JsonNode profiled = profile.json("profile");
        assertThat(profiled.at("/device/fingerprint/identity/libtorch").asText())
                .isNotEmpty();
        Run predict = run("predict", "--verify", "--store", store);
        JsonNode json = predict.json("predict");
        assertThat(json.at("/verifiedBy").asText()).isEqualTo("step");
        // Measured this roughly, on whatever else runs here, only the order of magnitude can be asked for; and where
        // what else runs gave a layer two speeds, there is no number at all.
        JsonNode error = json.at("/relativeError");
        if (error.has("value")) {
            assertThat(json.at("/measuredSeconds/value").asDouble()).isPositive();
            assertThat(error.at("/value").asDouble()).isBetween(-0.9, 9.0);
        } else {
            assertThat(error.at("/reason").asText()).contains("two modes");
        }
    }

    @Test
    void oneWorkloadIsComparedOnOneAndOnAllThreads() {
        int threads = Math.min(2, Runtime.getRuntime().availableProcessors());
        String workload = "linear n=256 in=256 out=256 pass=forward dtype=f32 math=default layout=nchw";
        Run run = Run.of(
                DeviceProvider::openDevice,
                Surroundings.host(),
                "compare",
                workload,
                workload,
                "--threads",
                "1," + threads,
                "--pairs",
                "6",
                "--limit",
                "1",
                "--json");
        JsonNode json = run.json("compare");
        assertThat(json.at("/threads/1").asInt()).isEqualTo(threads);
        assertThat(json.at("/baseline/name").asText()).endsWith("(1 thread)");
        assertThat(json.at("/ratio/value").asDouble()).isPositive();
    }
}
