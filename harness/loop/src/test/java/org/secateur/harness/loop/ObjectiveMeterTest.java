package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.models.core.graph.Network;
import org.secateur.results.core.statistics.Verdict;

class ObjectiveMeterTest {
    private final Network baseline = Bench.network("resnet8", 12);
    private final Network candidate = Bench.network("resnet20", 12);

    /** The baseline's step takes 0.4 s and its inference 0.1 s. */
    private ObjectiveMeter meter(double stepWeight, double stepRatio, double latencyRatio) {
        Bench bench = new Bench(workload -> 1);
        return new ObjectiveMeter(
                new StepMeter(
                        bench.device,
                        bench.device.surroundings(),
                        n -> bench.device.kernel(n.equals(baseline) ? 0.4 : 0.4 * stepRatio),
                        n -> bench.device.kernel(n.equals(baseline) ? 0.1 : 0.1 * latencyRatio),
                        1),
                stepWeight);
    }

    @ParameterizedTest
    @CsvSource({"1, 0.4, 0.5", "0, 0.1, 0.9", "0.5, 0.25, 0.58"})
    void weighsStepAndInference(double weight, double seconds, double ratio) {
        assertThat(meter(weight, 0.5, 0.9).cost(baseline)).isCloseTo(seconds, within(1e-6));
        assertThat(meter(weight, 0.5, 0.9)
                        .compare(baseline, candidate, 3)
                        .orElseThrow()
                        .value())
                .isCloseTo(ratio, within(1e-6));
    }

    @ParameterizedTest
    @CsvSource({
        "1.2, 1.3, SLOWER",
        "1.2, 1.0, SLOWER",
        "1.0, 1.2, SLOWER",
        "1.2, 0.8, UNDECIDED",
        "0.8, 1.2, UNDECIDED",
        "0.8, 1.0, FASTER",
        "1.0, 1.0, SAME"
    })
    void aMixIsSlowerOnlyWhereNoPartSpeaksAgainst(double step, double latency, Verdict verdict) {
        assertThat(meter(0.5, step, latency)
                        .compare(baseline, candidate, 7)
                        .orElseThrow()
                        .verdict())
                .isEqualTo(verdict);
    }

    @Test
    void threePairsGiveARatioButNoVerdict() {
        assertThat(meter(1, 1.2, 1)
                        .compare(baseline, candidate, 3)
                        .orElseThrow()
                        .verdict())
                .isEqualTo(Verdict.UNDECIDED);
    }
}
