package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/** Convolutions on the stand-in against the plain twin: it tests our calls, not cuDNN. */
@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class ConvolutionTest {
    private static final Extent ONE = Extent.of(1);
    private static final Convolution COMMON = new Convolution(2, 4, 6, 6, 4, 3, 3, ONE, ONE, ONE, 1);

    private StandIn standIn;

    @BeforeEach
    void world() {
        standIn = StandIn.loaded();
        standIn.world();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(standIn.live()).isZero();
    }

    static Stream<ConvolutionCase> convolutions() {
        return ConvolutionCase.all();
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void aConvolutionMatchesItsTwinInAllPasses(ConvolutionCase one) {
        try (CudaDevice device = standIn.device()) {
            one.check(device);
        }
    }

    private static String algorithm(CudaDevice device, Workload workload, Request request) {
        try (Kernel kernel = device.open(new WorkloadKey(workload, Regime.HOT, request))) {
            return kernel.variant().algorithm();
        }
    }

    @Test
    void tensorCoresAreUsedAsTheWorkloadAllows() {
        try (CudaDevice device = standIn.device()) {
            assertThat(algorithm(device, Workload.of(COMMON, Pass.FORWARD), Request.DEFAULT))
                    .endsWith(" FMA_MATH");
            Workload tf32 = new Workload(COMMON, Pass.FORWARD, DataType.F32, MathMode.TF32, Layout.NCHW);
            assertThat(algorithm(device, tf32, Request.DEFAULT)).endsWith(" DEFAULT_MATH");
            Workload half = new Workload(COMMON, Pass.FORWARD, DataType.F16, MathMode.DEFAULT, Layout.NHWC);
            assertThat(algorithm(device, half, Request.DEFAULT)).endsWith(" TENSOR_OP_MATH");
        }
    }

    @Test
    void theFastestAlgorithmWithinTheRequestIsTaken() {
        Workload forward = Workload.of(COMMON, Pass.FORWARD);
        Workload weights = Workload.of(COMMON, Pass.BACKWARD_WEIGHTS);
        Request small = new Request(0, false, "normal");
        Request repeatable = new Request(1 << 20, true, "normal");
        standIn.world("macs_per_second 1e9");
        try (CudaDevice device = standIn.device()) {
            assertThat(algorithm(device, forward, Request.DEFAULT)).isEqualTo("FWD_WINOGRAD FMA_MATH");
            assertThat(algorithm(device, forward, small)).isEqualTo("FWD_IMPLICIT_GEMM FMA_MATH");
            assertThat(algorithm(device, weights, Request.DEFAULT)).isEqualTo("BWD_FILTER_3 FMA_MATH");
            assertThat(algorithm(device, weights, repeatable)).isEqualTo("BWD_FILTER_1 FMA_MATH");
            standIn.world("macs_per_second 1e9", "fault.not_supported 6");
            assertThat(algorithm(device, forward, Request.DEFAULT)).isEqualTo("FWD_IMPLICIT_PRECOMP_GEMM FMA_MATH");
        }
    }

    @Test
    void aConvolutionWithoutAnAlgorithmIsRefused() {
        standIn.world("refused_k 4");
        Workload workload = Workload.of(COMMON, Pass.FORWARD);
        try (CudaDevice device = standIn.device()) {
            assertThatThrownBy(() -> device.open(WorkloadKey.cold(workload)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(workload.text())
                    .hasMessageContaining("no algorithm");
        }
    }

    @Test
    void noiseOfSingleTimingsDoesNotChangeTheChoice() {
        // Single launches of the two best, 0.5 and 0.6, take up to a half more: one in seven pairs is in the wrong
        // order.
        standIn.world("noise 0.5", "macs_per_second 1e9");
        int right = 0;
        try (CudaDevice device = standIn.device()) {
            for (int i = 0; i < 50; i++) {
                String chosen = algorithm(device, Workload.of(COMMON, Pass.FORWARD), Request.DEFAULT);
                right += chosen.startsWith("FWD_WINOGRAD") ? 1 : 0;
            }
        }
        assertThat(right).isGreaterThanOrEqualTo(42);
    }
}
