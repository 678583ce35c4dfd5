package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.cuda.Correctness.Outcome;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Workload;

@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class CorrectnessTest {
    private StandIn standIn;

    @BeforeEach
    void world() {
        standIn = StandIn.loaded();
        standIn.world();
    }

    @AfterEach
    void nothingIsLeft() {
        standIn.world();
        assertThat(standIn.live()).isZero();
    }

    private static List<Outcome> outcomes(CudaDevice device, Predicate<Workload> which) {
        return Correctness.workloads().stream()
                .filter(which)
                .map(workload -> Correctness.check(device, workload))
                .toList();
    }

    @Test
    void everyKernelOfTheStandInIsRight() {
        try (CudaDevice device = standIn.device()) {
            assertThat(outcomes(device, w -> true)).hasSizeGreaterThan(200).allMatch(Outcome::right);
        }
    }

    @Test
    void aDeviceThatComputesNothingIsWrong() {
        standIn.world("no_arithmetic 1");
        try (CudaDevice device = standIn.device()) {
            assertThat(outcomes(device, w -> w.operation() instanceof Operation.Activation))
                    .hasSize(36)
                    .noneMatch(Outcome::right);
        }
    }
}
