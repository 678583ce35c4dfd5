package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.TensorFormat;

@Tag("native")
class KernelsTest {
    private static final LibTorch TORCH = LibTorch.load(1);
    private static final Network NETWORK = TestNetworks.small(16, 32);

    @Test
    void nothingGrowsOverManyTrainingSteps() {
        long before = Pointer.totalCount();
        try (Kernel kernel = new TrainingStep(TORCH, NETWORK, 256, 1e-4, 1, TensorFormat.DEFAULT)) {
            assertNoGrowth(kernel);
        }
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }

    @Test
    void nothingGrowsOverManyInferencePasses() {
        long before = Pointer.totalCount();
        try (Kernel kernel = new InferencePass(TORCH, NETWORK, 256, 1, TensorFormat.DEFAULT)) {
            assertNoGrowth(kernel);
        }
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }

    private static void assertNoGrowth(Kernel kernel) {
        launch(kernel, 30);
        long live = Pointer.totalCount();
        long bytes = Pointer.physicalBytes();
        launch(kernel, 120);
        assertThat(Pointer.totalCount()).isEqualTo(live);
        // Launches that kept their smallest activation, half a megabyte, would be 60 MB more; the JVM needs some too.
        assertThat(Pointer.physicalBytes() - bytes).isLessThan(48L << 20);
        assertThat(kernel.variant().deterministic()).isTrue();
    }

    private static void launch(Kernel kernel, int times) {
        for (int i = 0; i < times; i++) {
            kernel.launch();
        }
        kernel.synchronize();
    }

    @Test
    void anEmptyBatchIsRefused() {
        assertThatThrownBy(() -> new TrainingStep(TORCH, NETWORK, 0, 0, 1, TensorFormat.DEFAULT))
                .hasMessageContaining("batch 0");
        assertThatThrownBy(() -> new InferencePass(TORCH, NETWORK, 0, 1, TensorFormat.DEFAULT))
                .hasMessageContaining("batch 0");
    }
}
