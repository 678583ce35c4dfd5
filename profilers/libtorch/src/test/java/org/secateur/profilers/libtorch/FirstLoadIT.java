package org.secateur.profilers.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("firstload")
class FirstLoadIT {
    @TempDir
    Path folder;

    @Test
    void twoProcessesLoadAtOnceFromAnEmptyCacheBesideADecoy() throws IOException, InterruptedException {
        Optional<Path> compiler = compiler();
        assumeTrue(compiler.isPresent(), "no C compiler (cc, gcc or clang) on PATH to build the decoy libraries with");
        Path decoy = Files.createDirectory(folder.resolve("decoy"));
        Path source = Files.createFile(folder.resolve("empty.c"));
        for (String name : List.of("libtorch.so", "libtorch_cpu.so", "libc10.so")) {
            Path library = decoy.resolve(name);
            run(List.of(
                    compiler.get().toString(),
                    "-shared",
                    "-Wl,-soname," + name,
                    "-o",
                    library.toString(),
                    source.toString()));
        }

        Child first = new Child("first", "secateur", decoy);
        Child second = new Child("second", "secateur", decoy);
        String real = folder.resolve("cache").toRealPath().toString();
        for (Child child : List.of(first, second)) {
            assertThat(child.exit()).as(child.output()).isZero();
            assertThat(child.output()).contains("sum 3.0").doesNotContain(decoy.toString());
            assertThat(child.output().lines().filter(line -> line.startsWith("mapped ")))
                    .hasSize(3)
                    .allMatch(line -> line.startsWith("mapped " + real));
        }
        // The decoy is one: without this module's order it is taken, whatever the cache holds.
        Child plain = new Child("plain", "plain", decoy);
        assertThat(plain.exit()).as(plain.output()).isNotZero();
        assertThat(plain.output()).contains("UnsatisfiedLinkError");
    }

    private static Optional<Path> compiler() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .flatMap(entry -> Stream.of("cc", "gcc", "clang").map(name -> Path.of(entry, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as(command.toString()).isZero();
    }

    /** A JVM with a cache in the test's folder and the decoy on its library path. */
    private final class Child {
        private final Process process;
        private final Path output;

        Child(String name, String how, Path decoy) throws IOException {
            output = folder.resolve(name + ".txt");
            Path cache = Files.createDirectories(folder.resolve("cache"));
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-Xmx256m",
                    "-XX:-CreateCoredumpOnCrash",
                    "-XX:ErrorFile=" + folder.resolve(name + ".crash"),
                    "-Dorg.bytedeco.javacpp.cachedir=" + cache,
                    "-cp",
                    System.getProperty("java.class.path")));
            command.addAll(List.of(FirstLoad.class.getName(), how));
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().put("LD_LIBRARY_PATH", decoy.toString());
            process = builder.start();
        }

        int exit() throws InterruptedException {
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly().waitFor();
            }
            return process.exitValue();
        }

        String output() throws IOException {
            return Files.readString(output);
        }
    }
}
