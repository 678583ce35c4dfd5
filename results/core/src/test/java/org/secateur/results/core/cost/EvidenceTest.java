package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.WorkloadKey;

class EvidenceTest {
    private static final WorkloadKey A = WorkloadKey.cold(Tables.relu(16));
    private static final WorkloadKey B = WorkloadKey.cold(Tables.relu(32));

    private static MeasuringRun run(long seed) {
        return new MeasuringRun(
                "profile", seed, Instant.EPOCH, Map.of(), Map.of(), Map.of(), Optional.empty(), Optional.empty());
    }

    private static MeasuringRun judged(long seed, String of) {
        return run(seed).judged(HeldOutError.of(of, List.of(0.01 * seed), 0, 1, "others"));
    }

    @Test
    void aRowsRunIsTheOneThatMeasuredItLast() {
        Evidence both = Evidence.NONE.with(run(1), List.of(A, B)).with(run(2), List.of(B));
        assertThat(both.of(A)).contains(run(1));
        assertThat(both.of(B)).contains(run(2));
        assertThat(both.with(run(1), List.of(B)).runs()).containsExactly(run(1), run(2));
        assertThat(both.without(List.of(B)).of(B)).isEmpty();
        assertThat(both.without(List.of(B)).of(A)).contains(run(1));
        assertThatThrownBy(() -> new Evidence(List.of(run(1)), Map.of(A, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there are 1 runs");
    }

    @Test
    void theNewestErrorOfTheSameIsTold() {
        Evidence several = Evidence.NONE
                .with(judged(1, "resnet20"), List.of())
                .with(judged(2, "resnet20"), List.of())
                .with(judged(3, "vgg11"), List.of());
        assertThat(several.heldOut("resnet20").orElseThrow().errors()).containsExactly(0.02);
        assertThat(several.heldOut("alexnet").orElseThrow().of()).isEqualTo("vgg11");
        assertThat(Evidence.NONE.heldOut("resnet20")).isEmpty();
    }
}
