package org.secateur.harness.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A benchmark in JVMs of its own. */
final class ForkedBenchmarkIT {
    @Test
    void aForkInheritsWhatItNeedsAndSendsBackWhatProfilersFound() {
        Score score = Benchmarks.run(
                        List.of(
                                "TinyBenchmark.add",
                                "-f",
                                "2",
                                "-wi",
                                "0",
                                "-i",
                                "3",
                                "-r",
                                "10ms",
                                "-prof",
                                "host",
                                "-prof",
                                "energy:source=modelled;watts=65;idle=0.1"),
                        Map.of(),
                        line -> {})
                .get(0);
        assertThat(score.forks()).isEqualTo(2);
        assertThat(score.secondsPerOperation()).hasSize(6);
        assertThat(score.profiles()).containsKey("host.own").hasSize(10);
        assertThat(score.profiles().values())
                .allSatisfy(profile -> assertThat(profile.values()).hasSize(6));
    }
}
