package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.DeviceProvider;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class CudaDeviceTest {
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

    @Test
    void theFingerprintNamesWhatChangesTimes() {
        try (CudaDevice device = standIn.device()) {
            assertThat(device.id()).isEqualTo("cuda:0");
            assertThat(device.name()).isEqualTo("STAND-IN");
            assertThat(device.kind()).isEqualTo("cuda");
            assertThat(device.fingerprint().identity())
                    .containsEntry("device", "STAND-IN")
                    .containsEntry("cudnn", "9.5.0")
                    .containsEntry("cudaDriver", "12.6")
                    .containsEntry("computeCapability", "9.0")
                    .containsEntry("lastLevelCacheBytes", "65536")
                    .containsEntry("measurementVersion", "1")
                    .containsKey("uuid");
            assertThat(device.fingerprint().context()).containsKeys("cudnnLibrary", "pciBusId", "jvm", "kernel");
            assertThat(device.conditions().readings().get("freeMemoryBytes")).isPositive();
        }
    }

    @Test
    void theSamplerMeasuresRowsWithTheirAlgorithms() {
        Extent one = Extent.of(1);
        Workload convolution =
                Workload.of(new Convolution(2, 4, 8, 8, 4, 3, 3, one, one, one, 1), Pass.BACKWARD_WEIGHTS);
        List<WorkloadKey> keys = List.of(
                WorkloadKey.cold(convolution), WorkloadKey.cold(Workload.of(new Linear(4, 8, 3), Pass.FORWARD)));
        List<Measurement> rows = new ArrayList<>();
        try (CudaDevice device = standIn.device()) {
            new Sampler(SamplerOptions.rough(), Surroundings.host(), Sampler.NO_ENERGY, 1)
                    .measure(device, keys, rows::add);
        }
        assertThat(rows).extracting(Measurement::key).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.variant().algorithm()).endsWith("FMA_MATH");
            assertThat(row.seconds().estimate().orElseThrow().value()).isPositive();
        });
    }

    @Test
    void anotherDistributionOfDataIsRefused() {
        Request zeros = new Request(0, false, "zeros");
        Workload workload = Workload.of(new Linear(1, 2, 3), Pass.FORWARD);
        try (CudaDevice device = standIn.device()) {
            assertThatThrownBy(() -> device.open(new WorkloadKey(workload, Regime.HOT, zeros)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("zeros");
        }
    }

    @Test
    void aClosedDeviceOpensNothing() {
        CudaDevice closed = standIn.device();
        closed.close();
        closed.close();
        Workload workload = Workload.of(new Linear(1, 2, 3), Pass.FORWARD);
        assertThatThrownBy(() -> closed.open(WorkloadKey.cold(workload))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aMalformedIdIsRefused() {
        for (String id : List.of("cuda", "cuda:", "cuda:x", "cuda:-1")) {
            assertThatThrownBy(() -> DeviceProvider.openDevice(id))
                    .as(id)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cuda:0");
        }
    }
}
