package org.secateur.profilers.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.secateur.results.core.SecateurException;

/**
 * Where the libraries of CUDA lie: in a directory that the user names, else in the usual places, among them the layout
 * of NVIDIA's pip packages ({@code nvidia/cudnn/lib} beside other Python packages), else where Maven has unpacked it.
 *
 * @param root normally {@code /}; tests have a tree of their own
 * @param environment the process's environment variables
 */
record LibraryPlaces(Path root, Map<String, String> environment) {
    static final String DRIVER = "libcuda.so.1";
    static final String CUDNN = "libcudnn.so.9";

    /** Below a directory that the user names, or a CUDA installation, or Python's packages. */
    private static final List<String> BELOW = List.of("", "lib", "lib64", "nvidia/cudnn/lib", "cudnn/lib");

    /** Below the user's home: what {@code ./mvnw -Pcuda-redist} has unpacked. */
    static final String REDIST = ".cache/secateur/cuda-redist/org/bytedeco/cuda/linux-x86_64";

    LibraryPlaces {
        environment = Map.copyOf(environment);
    }

    /**
     * cuDNN's library.
     *
     * @param named the directory that the user named
     * @throws SecateurException when it is not there: a wrong directory, or none of the usual places has it
     */
    Path cudnn(Optional<Path> named) {
        if (named.isPresent()) {
            Path directory = named.get();
            return BELOW.stream()
                    .map(below -> directory.resolve(below).resolve(CUDNN))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> SecateurException.badInput(
                            "--cudnn " + directory + " has no " + CUDNN,
                            directory.toString(),
                            "name the directory that contains it, for example site-packages/nvidia/cudnn/lib"));
        }
        List<Path> places = new ArrayList<>(libraryPath());
        for (String variable : List.of("CUDNN_PATH", "CUDNN_HOME", "CUDA_HOME", "CUDA_PATH")) {
            directory(variable).ifPresent(home -> BELOW.forEach(below -> places.add(home.resolve(below))));
        }
        for (String usual : List.of("usr/local/cuda", "usr/local/cudnn", "opt/cuda")) {
            places.add(root.resolve(usual).resolve("lib64"));
            places.add(root.resolve(usual).resolve("lib"));
        }
        system().forEach(places::add);
        pythonPackages().forEach(packages -> places.add(packages.resolve("nvidia/cudnn/lib")));
        directory("HOME").ifPresent(home -> places.add(home.resolve(REDIST)));
        return first(places, CUDNN)
                .orElseThrow(() -> SecateurException.environment(
                        "cuDNN 9 (" + CUDNN + ") is not here: not on LD_LIBRARY_PATH, in /usr/lib, /usr/local/cuda or"
                                + " /usr/local/cudnn, nor as the pip package nvidia-cudnn-cu12 or -cu13",
                        CUDNN,
                        "install cuDNN 9, or name its directory with --cudnn DIR, or fetch it (2 GB) with ./mvnw"
                                + " -Pcuda-redist --projects profilers/cuda --also-make generate-resources"));
    }

    /**
     * The driver's library.
     *
     * @throws SecateurException when no usual place has it
     */
    Path driver() {
        List<Path> places = new ArrayList<>(libraryPath());
        system().forEach(places::add);
        for (String usual : List.of(
                "usr/lib/wsl/lib", "usr/local/nvidia/lib64", "run/opengl-driver/lib", "usr/local/cuda/compat")) {
            places.add(root.resolve(usual));
        }
        return first(places, DRIVER)
                .orElseThrow(() -> SecateurException.environment(
                        "there is no NVIDIA driver: " + DRIVER + " is neither on LD_LIBRARY_PATH nor in /usr/lib",
                        DRIVER,
                        "install NVIDIA's driver on a machine with a GPU"));
    }

    private List<Path> libraryPath() {
        return Stream.of(environment.getOrDefault("LD_LIBRARY_PATH", "").split(":", -1))
                .filter(entry -> !entry.isBlank())
                .map(Path::of)
                .toList();
    }

    private Stream<Path> system() {
        return Stream.of("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib64", "usr/lib")
                .map(root::resolve);
    }

    private Optional<Path> directory(String variable) {
        return Optional.ofNullable(environment.get(variable))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }

    /** The package directories of every Python that the usual places have. */
    private Set<Path> pythonPackages() {
        Set<Path> homes = new LinkedHashSet<>();
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            directory(variable).ifPresent(home -> homes.add(home.resolve("lib")));
        }
        directory("HOME").ifPresent(home -> homes.add(home.resolve(".local/lib")));
        for (String usual : List.of("usr/local/lib", "usr/lib", "opt/conda/lib", "opt/venv/lib")) {
            homes.add(root.resolve(usual));
        }
        Set<Path> packages = new LinkedHashSet<>();
        for (Path home : homes) {
            for (Path python : pythons(home)) {
                packages.add(python.resolve("site-packages"));
                packages.add(python.resolve("dist-packages"));
            }
        }
        return packages;
    }

    private static List<Path> pythons(Path home) {
        if (!Files.isDirectory(home)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(home)) {
            return entries.filter(path -> path.getFileName().toString().startsWith("python3"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of(); // unreadable: nothing of ours is there
        }
    }

    private static Optional<Path> first(List<Path> places, String library) {
        return places.stream()
                .map(place -> place.resolve(library))
                .filter(Files::exists)
                .findFirst();
    }
}
