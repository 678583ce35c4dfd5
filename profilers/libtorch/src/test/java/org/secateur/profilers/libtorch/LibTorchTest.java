package org.secateur.profilers.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.SecateurException;

class LibTorchTest {
    @Test
    void theNumberOfThreadsComesFromOpenMpsVariable() {
        assertThat(LibTorch.threadsFrom("3")).isEqualTo(3);
        assertThat(LibTorch.threadsFrom(" 4,2 ")).isEqualTo(4);
        assertThat(LibTorch.threadsFrom(null)).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThatThrownBy(() -> LibTorch.threadsFrom("many"))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("OMP_NUM_THREADS")
                .hasMessageContaining("many");
    }

    @Test
    void lessThanOneThreadIsRefused() {
        assertThatThrownBy(() -> LibTorch.load(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0");
    }

    @Test
    @Tag("native")
    void loadingTwiceGivesTheSameVersionsAndTheNewThreads() {
        LibTorch first = LibTorch.load(1);
        LibTorch second = LibTorch.load(2);
        assertThat(first.threads()).isEqualTo(1);
        assertThat(second.threads()).isEqualTo(2);
        assertThat(torch.get_num_threads()).isEqualTo(2);
        assertThat(second.version()).isEqualTo(first.version()).startsWith("2.");
        assertThat(second.oneDnnVersion()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(second.instructionSet()).isNotBlank();
    }

    @Test
    @Tag("native")
    void threadsChangeWithoutLoadingAgain() {
        LibTorch library = LibTorch.load(2);
        library.useThreads(1);
        assertThat(torch.get_num_threads()).isEqualTo(1);
        assertThat(library.threads()).isEqualTo(2);
        library.useThreads(2);
        assertThat(torch.get_num_threads()).isEqualTo(2);
        assertThatThrownBy(() -> library.useThreads(0)).hasMessageContaining("threads 0");
    }

    @Test
    @Tag("native")
    void denormalsAreFlushedOnAllThreads() {
        assertThat(LibTorch.load(2).flushesDenormals()).isTrue();
        assertThat(denormalProducts(2)).isZero();
    }

    @Test
    @Tag("native")
    void aPreparedJavaThreadFlushesDenormalsToo() throws InterruptedException {
        LibTorch library = LibTorch.load(2);
        AtomicReference<Integer> unprepared = new AtomicReference<>();
        AtomicReference<Integer> prepared = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            unprepared.set(denormalProducts(1));
            library.prepareThread();
            prepared.set(denormalProducts(1));
        });
        thread.start();
        thread.join();
        assertThat(unprepared.get()).as("an unprepared thread keeps them").isPositive();
        assertThat(prepared.get()).isZero();
    }

    @SuppressWarnings("try") // the scope only has to be open
    private static int denormalProducts(int blocks) {
        int elements = blocks * 30_000 + (blocks - 1) * 100_000;
        try (PointerScope scope = new PointerScope()) {
            Tensor product =
                    torch.full(new long[] {elements}, new Scalar(1e-30f)).mul(new Scalar(1e-10f));
            int kept = 0;
            for (float value : HostTensors.floats(product)) {
                kept += Float.floatToRawIntBits(value) == 0 ? 0 : 1;
            }
            return kept;
        }
    }
}
