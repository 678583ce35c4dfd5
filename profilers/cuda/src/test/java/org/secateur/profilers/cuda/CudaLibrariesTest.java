package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is loaded before cuDNN, in trees of files. */
class CudaLibrariesTest {
    @TempDir
    Path root;

    private Path library(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        return Files.createFile(file);
    }

    @Test
    void inOneFolderItIsWhatCudnnOpensByName() throws IOException {
        Path cudnn = library("mine/" + LibraryPlaces.CUDNN);
        Path blas = library("mine/libcublas.so.12");
        Path light = library("mine/libcublasLt.so.12");
        Path compiler = library("mine/libnvrtc.so.12");
        library("mine/libcufft.so.11");
        assertThat(CudaLibraries.neighbours(cudnn)).containsExactly(compiler, light, blas);
    }

    @Test
    void inPipsLayoutItLiesInTheFoldersBeside() throws IOException {
        Path cudnn = library("nvidia/cudnn/lib/" + LibraryPlaces.CUDNN);
        Path compiler = library("nvidia/cuda_nvrtc/lib/libnvrtc.so.12");
        Path blas = library("nvidia/cublas/lib/libcublas.so.12");
        assertThat(CudaLibraries.neighbours(cudnn)).containsExactly(compiler, blas);
    }

    @Test
    void whatTheSystemInstalledTheSystemFinds() {
        assertThat(CudaLibraries.neighbours(Path.of("/usr/lib/x86_64-linux-gnu/" + LibraryPlaces.CUDNN)))
                .isEmpty();
    }
}
