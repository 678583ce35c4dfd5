package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.DeviceProvider;
import org.secateur.profilers.core.sampler.Surroundings;

/** Comparisons that take other JVMs, or whole training steps. */
final class AgreementIT {
    @Test
    void aConvolutionIsMeasuredByBoth() {
        Run run = Run.of(
                DeviceProvider::openDevice,
                Surroundings.host(),
                "bench",
                "--agreement",
                "--forks",
                "1",
                "--convolutions",
                "1",
                "-wi",
                "1",
                "-i",
                "3",
                "--json");
        assertThat(run.err()).contains("secateur: 1 of 1: JMH ");
        JsonNode json = run.json("bench-agreement");
        assertThat(json.at("/workloads")).hasSize(1);
        assertThat(json.at("/workloads/0/iterationSeconds")).hasSize(3);
        assertThat(json.at("/workloads/0/samplerSeconds/value").asDouble()).isPositive();
        // So short, beside whatever else runs, only the order of magnitude can be asked for.
        assertThat(json.at("/workloads/0/ratio").asDouble()).isBetween(0.1, 10.0);
        assertThat(json.at("/device/kind").asText()).isEqualTo("cpu");
    }

    @Test
    void stepsOnRealImagesAreComparedWithStepsOnOneBatch() {
        Run run = Run.of(
                DeviceProvider::openDevice,
                Surroundings.host(),
                "bench",
                "--data",
                "shapes:40",
                "--network",
                "resnet8",
                "--batch",
                "8",
                "--pairs",
                "6",
                "--json");
        JsonNode json = run.json("bench-data");
        assertThat(json.at("/steps").asInt()).as("all of a short epoch").isEqualTo(5);
        assertThat(json.at("/real/pairs").asInt()).isGreaterThanOrEqualTo(6);
        assertThat(json.at("/real/ratio/value").asDouble()).isBetween(0.1, 10.0);
        assertThat(json.at("/real/atMost").asDouble()).isEqualTo(1.03);
    }
}
