package org.secateur.profilers.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;
import jcuda.jcudnn.JCudnn;
import org.secateur.profilers.core.nvml.Nvml;
import org.secateur.results.core.SecateurException;

/**
 * Loads the driver's library and cuDNN by absolute path before JCuda asks for them by name, so that
 * {@code LD_LIBRARY_PATH} need not be set. A process has one of each: what is loaded first stays.
 *
 * @param cudnn the file of the library in use
 * @param nvml the management library to ask: the file beside the driver's, or a name where none lies there
 */
record CudaLibraries(Path cudnn, String nvml) {
    /**
     * The parts that cuDNN 9 opens by name when they are needed, in the order of their dependencies. Found beside it;
     * a part that is missing, or cannot be loaded, is missed only by what needs it.
     */
    private static final List<String> PARTS = List.of(
            "libcudnn_graph.so.9",
            "libcudnn_ops.so.9",
            "libcudnn_cnn.so.9",
            "libcudnn_adv.so.9",
            "libcudnn_heuristic.so.9",
            "libcudnn_engines_precompiled.so.9",
            "libcudnn_engines_runtime_compiled.so.9");

    /** What cuDNN in its turn opens by name, in pip's layout: folders beside its own. */
    private static final List<String> NEIGHBOURS = List.of(
            "cuda_nvrtc/lib/libnvrtc-builtins.so.",
            "cuda_nvrtc/lib/libnvrtc.so.",
            "cublas/lib/libcublasLt.so.",
            "cublas/lib/libcublas.so.",
            "cu13/lib/libnvrtc-builtins.so.",
            "cu13/lib/libnvrtc.so.",
            "cu13/lib/libcublasLt.so.",
            "cu13/lib/libcublas.so.");

    /** The same where they lie in one folder with cuDNN, as Maven unpacks them. */
    private static final List<String> BESIDE =
            List.of("libnvrtc-builtins.so.", "libnvrtc.so.", "libcublasLt.so.", "libcublas.so.");

    /** Where the system's loader finds them by itself. */
    private static final Path SYSTEM = Path.of("/usr");

    /**
     * Loads them.
     *
     * @param cudnnDirectory where the user says that cuDNN lies
     * @throws SecateurException when one is not here, or cannot be loaded
     */
    static CudaLibraries load(LibraryPlaces places, Optional<Path> cudnnDirectory) {
        Path driver = places.driver().toAbsolutePath();
        try {
            System.load(driver.toString());
            JCudaDriver.setExceptionsEnabled(false); // the class's first use loads its library
        } catch (LinkageError e) {
            throw SecateurException.environment(
                    "the NVIDIA driver's library cannot be loaded: " + firstLine(e),
                    driver.toString(),
                    "install NVIDIA's driver for CUDA 12 or later");
        }
        Path cudnn = places.cudnn(cudnnDirectory).toAbsolutePath();
        loadCudnn(cudnn);
        Path nvml = driver.resolveSibling(Nvml.LIBRARY);
        return new CudaLibraries(cudnn, Files.exists(nvml) ? nvml.toString() : Nvml.LIBRARY);
    }

    /**
     * Loads cuDNN, which knows versions and makes descriptors without a driver.
     *
     * @param cudnn the absolute path of its library
     * @throws SecateurException when it cannot be loaded
     */
    static void loadCudnn(Path cudnn) {
        neighbours(cudnn).forEach(CudaLibraries::loadIfPossible);
        try {
            System.load(cudnn.toString());
            PARTS.stream().map(cudnn::resolveSibling).filter(Files::exists).forEach(CudaLibraries::loadIfPossible);
            JCudnn.setExceptionsEnabled(false);
        } catch (LinkageError e) {
            throw SecateurException.environment(
                    "cuDNN cannot be loaded: " + firstLine(e),
                    cudnn.toString(),
                    "install cuDNN 9 for Linux x86-64, or name another directory with --cudnn DIR");
        }
    }

    /** What must be loaded before cuDNN, in order: what it opens by name from where the system does not look. */
    static List<Path> neighbours(Path cudnn) {
        Path packages = cudnn.resolve("../../..").normalize();
        Stream<Path> pip = NEIGHBOURS.stream().map(packages::resolve);
        Stream<Path> beside =
                cudnn.startsWith(SYSTEM) ? Stream.of() : BESIDE.stream().map(cudnn::resolveSibling);
        return Stream.concat(pip, beside)
                .flatMap(prefix -> versions(prefix).stream())
                .toList();
    }

    /** The files whose names continue this one. */
    private static List<Path> versions(Path prefix) {
        Path directory = prefix.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().startsWith(prefix.toString()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of(); // unreadable: the loader may still find it
        }
    }

    private static void loadIfPossible(Path library) {
        try {
            System.load(library.toString());
        } catch (UnsatisfiedLinkError e) {
            // Only an operation that needs it would miss it, and says so then.
        }
    }

    private static String firstLine(LinkageError e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
    }
}
