package org.secateur.profilers.core.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The stand-in for NVIDIA's management library ({@code src/test/c/nvml.c}), built with the system's C compiler. */
public final class StandIn {
    /** Two GPUs, as NVML numbers them. */
    public static final List<String> TWO_GPUS = List.of(
            "driver 550.54.15",
            "nvml 12.550.54.15",
            "count 2",
            "0.name STAND-IN A",
            "0.uuid GPU-00000000-aaaa",
            "0.pci 00000000:17:00.0",
            "0.energy 1000000",
            "0.limit 350000",
            "0.temperature 41",
            "0.clock.0 1980",
            "0.clock.1 1965",
            "0.clock.2 2619",
            "0.field.185 1 101000",
            "0.field.186 1 250500",
            "0.field.74 3 1500000000",
            "0.field.252 3 0",
            "0.samples 1000000:100000 1020000:200000 1040000:300000",
            "0.processes 4711:1048576 4712:none",
            "1.name STAND-IN B",
            "1.uuid GPU-11111111-bbbb",
            "1.pci 00000000:CA:00.0",
            "1.energy 7000",
            "1.processes ");

    private final Path library;

    private StandIn(Path library) {
        this.library = library;
    }

    /**
     * Builds it into a folder; skips the test, with the reason, where there is no C compiler.
     *
     * @param flags of the compiler, for example {@code -DSTANDIN_OLD}
     */
    public static StandIn build(Path folder, String... flags) throws IOException, InterruptedException {
        Optional<Path> compiler = compiler();
        assumeTrue(compiler.isPresent(), "skipped: no C compiler (cc, gcc or clang) on PATH for the stand-in library");
        Path source = Path.of(
                Objects.requireNonNull(System.getProperty("secateur.home"), "secateur.home"),
                "profilers/core/src/test/c/nvml.c");
        Path library = folder.resolve(Nvml.LIBRARY);
        List<String> command = new ArrayList<>(
                List.of(compiler.get().toString(), "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-o", library.toString(), source.toString(), "-ldl"));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as(command.toString()).isZero();
        return new StandIn(library);
    }

    private static Optional<Path> compiler() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .flatMap(entry -> Stream.of("cc", "gcc", "clang").map(name -> Path.of(entry, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** What to open instead of the driver's library. */
    public String library() {
        return library.toString();
    }

    /** Sets its world: lines of a key and a value; of two lines with one key the first counts. */
    public void answers(List<String> lines, String... before) throws IOException {
        List<String> all = new ArrayList<>(List.of(before));
        all.addAll(lines);
        Files.write(Path.of(library + ".txt"), all);
    }

    /** Initialisations without a shutdown. */
    public int live() {
        return NativeLibrary.getInstance(library()).getFunction("standin_live").invokeInt(new Object[0]);
    }
}
