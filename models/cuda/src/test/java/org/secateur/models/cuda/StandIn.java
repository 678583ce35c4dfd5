package org.secateur.models.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.cuda.CudaDeviceProvider;

/** The stand-ins for NVIDIA's libraries, where the build file has {@code LD_LIBRARY_PATH} and cuDNN point to. */
final class StandIn {
    /** What the script leaves with where there is no compiler. */
    private static final int NO_COMPILER = 77;

    private static final Path FOLDER = Path.of(required(CudaDeviceProvider.CUDNN));

    private StandIn() {}

    private static String required(String property) {
        return Objects.requireNonNull(System.getProperty(property), property);
    }

    /** Builds them, or skips the test, with the reason, where there is no C compiler; before anything is loaded. */
    static void build() throws IOException, InterruptedException {
        Path script = Path.of(required("secateur.home"), "profilers/cuda/src/test/c/build.sh");
        int result = new ProcessBuilder("sh", script.toString(), FOLDER.toString())
                .inheritIO()
                .start()
                .waitFor();
        assumeTrue(
                result != NO_COMPILER, "skipped: no C compiler (cc, gcc or clang) on PATH for the stand-in libraries");
        assertThat(result).isZero();
    }

    /** A device; the caller closes it. */
    static CudaDevice device() {
        return (CudaDevice) new CudaDeviceProvider().open("cuda:0");
    }

    /** Sets the world: lines of a key and a number, as {@code cuda.c} lists them. */
    static void world(String... lines) {
        try {
            Files.write(FOLDER.resolve("libcuda.so.1.txt"), List.of(lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        driver().getFunction("standin_reload").invokeVoid(new Object[0]);
    }

    /** Native objects made and not destroyed, of every kind. */
    static int live() {
        return driver().getFunction("standin_live").invokeInt(new Object[0]);
    }

    private static NativeLibrary driver() {
        return NativeLibrary.getInstance(FOLDER.resolve("libcuda.so.1").toString());
    }
}
