package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.nvml.Nvml;

/**
 * The stand-in libraries for the driver, its management library and cuDNN, built with the system's C compiler. A process
 * loads them once; tests change their world by {@link #world} and {@link #boards}.
 */
final class StandIn {
    /** What the script leaves with where there is no compiler. */
    private static final int NO_COMPILER = 77;

    private static final Path FOLDER = Path.of("target", "standin").toAbsolutePath();

    private final CudaLibraries libraries;

    private StandIn(CudaLibraries libraries) {
        this.libraries = libraries;
    }

    /** Built and loaded once for a process. */
    private static final class Loaded {
        private static final Optional<StandIn> STAND_IN = load();

        private static Optional<StandIn> load() {
            int result = build();
            if (result == NO_COMPILER) {
                return Optional.empty();
            }
            assertThat(result).isZero();
            LibraryPlaces places = new LibraryPlaces(Path.of("/nowhere"), Map.of("LD_LIBRARY_PATH", FOLDER.toString()));
            return Optional.of(new StandIn(CudaLibraries.load(places, Optional.of(FOLDER))));
        }

        private static int build() {
            String script = Path.of(
                            Objects.requireNonNull(System.getProperty("secateur.home"), "secateur.home"),
                            "profilers/cuda/src/test/c/build.sh")
                    .toString();
            try {
                return new ProcessBuilder("sh", script, FOLDER.toString())
                        .inheritIO()
                        .start()
                        .waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The libraries, loaded; skips the test, with the reason, where there is no C compiler. */
    static StandIn loaded() {
        assumeTrue(
                Loaded.STAND_IN.isPresent(),
                "skipped: no C compiler (cc, gcc or clang) on PATH for the stand-in libraries");
        return Loaded.STAND_IN.orElseThrow();
    }

    /** A device of the world as it is now; the caller closes it. */
    CudaDevice device() {
        return device(0);
    }

    /** A device by its number. */
    CudaDevice device(int ordinal) {
        return new CudaDevice(libraries, ordinal);
    }

    /** Sets the world: lines of a key and a number, as {@code cuda.c} lists them; and mends what was broken. */
    void world(String... lines) {
        write(LibraryPlaces.DRIVER, List.of(lines));
        driver().getFunction("standin_reload").invokeVoid(new Object[0]);
    }

    /** Sets what the management library answers, as {@code nvml.c} lists it; of two lines with one key the first counts. */
    void boards(List<String> lines, String... before) {
        write(Nvml.LIBRARY, Stream.concat(Stream.of(before), lines.stream()).toList());
    }

    private static void write(String library, List<String> lines) {
        try {
            Files.write(Path.of(FOLDER.resolve(library) + ".txt"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How often the management library was opened and not closed. */
    int liveBoards() {
        return NativeLibrary.getInstance(FOLDER.resolve(Nvml.LIBRARY).toString())
                .getFunction("standin_live")
                .invokeInt(new Object[0]);
    }

    /** Objects made and not destroyed, of every kind. */
    int live() {
        return driver().getFunction("standin_live").invokeInt(new Object[0]);
    }

    /** The host's virtual clock, which also runs with every call of the driver. */
    HostTime time() {
        return new HostTime(() -> nanoseconds(0), seconds -> nanoseconds((long) Math.ceil(1e9 * seconds)));
    }

    private static long nanoseconds(long more) {
        return driver().getFunction("standin_nanoseconds").invokeLong(new Object[] {more});
    }

    private static NativeLibrary driver() {
        return NativeLibrary.getInstance(FOLDER.resolve(LibraryPlaces.DRIVER).toString());
    }
}
