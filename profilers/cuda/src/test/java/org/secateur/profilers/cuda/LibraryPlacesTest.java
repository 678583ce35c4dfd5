package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/** Where the libraries are looked for, in trees of files. */
class LibraryPlacesTest {
    @TempDir
    Path root;

    private Path library(String directory) throws IOException {
        return Files.createFile(Files.createDirectories(root.resolve(directory)).resolve(LibraryPlaces.CUDNN));
    }

    private LibraryPlaces places(String... environment) {
        return new LibraryPlaces(root, environment.length == 0 ? Map.of() : Map.of(environment[0], environment[1]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "usr/local/cuda/lib64",
                "usr/lib/x86_64-linux-gnu",
                "usr/lib64",
                "usr/local/lib/python3.11/site-packages/nvidia/cudnn/lib",
                "usr/local/lib/python3.12/dist-packages/nvidia/cudnn/lib",
                "opt/conda/lib/python3.10/site-packages/nvidia/cudnn/lib"
            })
    void cudnnIsFoundInTheUsualPlaces(String directory) throws IOException {
        Path library = library(directory);
        assertThat(places().cudnn(Optional.empty())).isEqualTo(library);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lib", "lib64", "nvidia/cudnn/lib"})
    void aNamedDirectoryMayBeTheLibrarysOrOneAbove(String below) throws IOException {
        Path library = library("mine/" + below);
        assertThat(places().cudnn(Optional.of(root.resolve("mine")))).isEqualTo(library);
    }

    @Test
    void theUsersEnvironmentComesBeforeTheUsualPlaces() throws IOException {
        library("usr/lib64");
        Path venv = library("venv/lib/python3.11/site-packages/nvidia/cudnn/lib");
        Path mine = library("mine/lib");
        assertThat(places("LD_LIBRARY_PATH", "/none:" + root.resolve("mine/lib"))
                        .cudnn(Optional.empty()))
                .isEqualTo(mine);
        assertThat(places("CUDNN_PATH", root.resolve("mine").toString()).cudnn(Optional.empty()))
                .isEqualTo(mine);
        Files.delete(root.resolve("usr/lib64").resolve(LibraryPlaces.CUDNN));
        assertThat(places("VIRTUAL_ENV", root.resolve("venv").toString()).cudnn(Optional.empty()))
                .isEqualTo(venv);
    }

    @Test
    void whatMavenHasUnpackedComesLast() throws IOException {
        Path unpacked = library("home/" + LibraryPlaces.REDIST);
        LibraryPlaces places = places("HOME", root.resolve("home").toString());
        assertThat(places.cudnn(Optional.empty())).isEqualTo(unpacked);
        Path pip = library("usr/lib/python3/dist-packages/nvidia/cudnn/lib");
        assertThat(places.cudnn(Optional.empty())).isEqualTo(pip);
    }

    @Test
    void whatIsMissingIsToldWithTheWayToMendIt() {
        assertThatThrownBy(() -> places().cudnn(Optional.empty()))
                .isInstanceOfSatisfying(SecateurException.class, e -> {
                    assertThat(e.exit()).isEqualTo(ExitCode.ENVIRONMENT);
                    assertThat(e.fix()).contains("--cudnn DIR", "-Pcuda-redist");
                })
                .hasMessageContaining("/usr/local/cuda");
        assertThatThrownBy(() -> places().cudnn(Optional.of(root.resolve("mine"))))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessageContaining("nvidia/cudnn/lib");
        assertThatThrownBy(() -> places().driver())
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("no NVIDIA driver");
    }
}
