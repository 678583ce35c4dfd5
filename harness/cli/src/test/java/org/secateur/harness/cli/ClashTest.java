package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClashTest {
    @TempDir
    Path folder;

    private Path file(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.createFile(file);
    }

    private static List<Clash> onPath(Path... folders) {
        return Clash.in(Map.of(
                "LD_LIBRARY_PATH",
                String.join(":", List.of(folders).stream().map(Path::toString).toList())));
    }

    @Test
    void anEmptyEnvironmentOrOneOfOtherLibrariesDoesNotClash() throws IOException {
        file("a/libz.so.1");
        file("a/libtorchvision.so");
        file("a/torch.txt");

        assertThat(Clash.in(Map.of())).isEmpty();
        assertThat(onPath(folder.resolve("a"), folder.resolve("absent"))).isEmpty();
        assertThat(Clash.in(Map.of("LD_LIBRARY_PATH", "::", "LD_PRELOAD", " /usr/lib/libjemalloc.so.2 :")))
                .isEmpty();
    }

    @Test
    void anotherLibtorchIsNamedOnceAFolder() throws IOException {
        Path first = file("a/libc10.so");
        file("a/libtorch.so");
        Path second = file("b/libtorch_cpu.so.2");

        assertThat(onPath(folder.resolve("a"), folder.resolve("b")))
                .containsExactly(
                        new Clash("libtorch", first, "LD_LIBRARY_PATH"),
                        new Clash("libtorch", second, "LD_LIBRARY_PATH"));
    }

    @Test
    void cudaClashesWithItselfOnly() throws IOException {
        file("a/libcudnn.so.9");
        file("a/libcudart.so.12");
        Path other = file("b/libcudnn.so.9");
        file("c/libcudart.so.11");
        Files.createSymbolicLink(folder.resolve("c/libcudnn.so.9"), folder.resolve("a/libcudnn.so.9"));

        assertThat(onPath(folder.resolve("a"), folder.resolve("c"))).isEmpty();
        assertThat(onPath(folder.resolve("a"), folder.resolve("b"), folder.resolve("c")))
                .containsExactly(new Clash("CUDA", other, "LD_LIBRARY_PATH"));
    }

    @Test
    void whatIsPreloadedComesFirstWhateverItIs() {
        List<Clash> clashes = Clash.in(Map.of("LD_PRELOAD", "/x/libiomp5.so:/y/libtorch.so /z/libcudnn.so.9"));

        assertThat(clashes)
                .containsExactly(
                        new Clash("OpenMP", Path.of("/x/libiomp5.so"), "LD_PRELOAD"),
                        new Clash("libtorch", Path.of("/y/libtorch.so"), "LD_PRELOAD"),
                        new Clash("CUDA", Path.of("/z/libcudnn.so.9"), "LD_PRELOAD"));
        assertThat(clashes.get(0).reason())
                .isEqualTo("LD_PRELOAD loads another OpenMP first: /x/libiomp5.so; unset it");
    }
}
