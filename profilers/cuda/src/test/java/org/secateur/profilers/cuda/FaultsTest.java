package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.SoftmaxLoss;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/** Each fault is reported by its name, wherever it strikes, and leaves nothing behind. */
@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class FaultsTest {
    /** More calls than {@link #work} makes of any kind. */
    private static final int MOST = 5000;

    private StandIn standIn;

    @BeforeEach
    void world() {
        standIn = StandIn.loaded();
        standIn.world();
    }

    @AfterEach
    void mend() {
        standIn.world();
        assertThat(standIn.live()).isZero();
    }

    /** Opens a device and some kernels, launches and times them, and closes all. */
    private void work() {
        Extent one = Extent.of(1);
        List<Workload> workloads = List.of(
                Workload.of(new Convolution(1, 2, 4, 4, 3, 3, 3, one, one, one, 1), Pass.BACKWARD_WEIGHTS),
                Workload.of(new BatchNorm(2, 2, 2, 2, true), Pass.BACKWARD),
                Workload.of(new SoftmaxLoss(2, 3), Pass.FORWARD));
        try (CudaDevice device = standIn.device()) {
            for (Workload workload : workloads) {
                try (Kernel kernel = device.open(new WorkloadKey(workload, Regime.HOT, Request.DEFAULT))) {
                    kernel.launch();
                    device.secondsPerLaunch(kernel, 40);
                    kernel.synchronize();
                }
            }
            device.fingerprint();
            device.conditions();
        }
    }

    @Test
    void theWorkIsDoneWithoutAFault() {
        work();
    }

    @ParameterizedTest
    @CsvSource({
        "out_of_memory, CUDA_ERROR_OUT_OF_MEMORY, 1",
        "launch_failed, CUDA_ERROR_LAUNCH_FAILED CUDNN_STATUS_EXECUTION_FAILED, 23",
        "device_lost, CUDA_ERROR_UNKNOWN CUDNN_STATUS_EXECUTION_FAILED, 37",
        "capture, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, 1",
        "graph, CUDA_ERROR_OUT_OF_MEMORY, 1"
    })
    void aFaultIsReportedByItsNameWhereverItStrikesAndNothingIsLeft(String fault, String among, int stride) {
        List<String> names = List.of(among.split(" ", -1));
        Set<String> seen = new TreeSet<>();
        int at = 1;
        for (; at < MOST; at += stride) {
            standIn.world("fault." + fault + " " + at);
            try {
                work();
                break;
            } catch (SecateurException e) {
                assertThat(e.exit()).isEqualTo(ExitCode.FAILED);
                assertThat(names).as(e.what()).anyMatch(e.what()::contains);
                seen.addAll(names.stream().filter(e.what()::contains).toList());
            }
            assertThat(standIn.live()).as(fault + " " + at).isZero();
        }
        assertThat(at).as("the last call at which it strikes").isBetween(2, MOST - 1);
        assertThat(seen).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void aMachineWithoutAGpuIsToldSo() {
        standIn.world("devices 0");
        assertThatThrownBy(standIn::device)
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.ENVIRONMENT))
                .hasMessageContaining("sees no GPU");
    }

    @Test
    void aGpuThatDoesNotExistIsToldWithThoseThatDo() {
        standIn.world("devices 2");
        try (CudaDevice second = standIn.device(1);
                CudaDevice first = standIn.device(0)) {
            Map<String, String> one = first.fingerprint().identity();
            Map<String, String> other = second.fingerprint().identity();
            assertThat(one.get("uuid"))
                    .matches("GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
                    .isNotEqualTo(other.get("uuid"));
            assertThat(first.fingerprint().context().get("pciBusId"))
                    .isNotEqualTo(second.fingerprint().context().get("pciBusId"));
        }
        assertThatThrownBy(() -> standIn.device(2))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("cuda:0 to cuda:1");
    }

    @Test
    void aMachineWithoutADriverIsToldSo() {
        LibraryPlaces nowhere = new LibraryPlaces(Path.of("/nowhere"), Map.of());
        assertThatThrownBy(() -> CudaLibraries.load(nowhere, Optional.empty()))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.ENVIRONMENT))
                .hasMessageContaining("no NVIDIA driver");
    }
}
