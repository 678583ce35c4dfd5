package org.secateur.harness.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A library that the environment puts before those of this program.
 *
 * @param library {@code libtorch}, {@code OpenMP} or {@code CUDA}
 * @param file the file that would be taken
 * @param variable the environment variable that leads to it
 */
record Clash(String library, Path file, String variable) {
    private static final String PRELOAD = "LD_PRELOAD";
    private static final String PATH = "LD_LIBRARY_PATH";

    private static final Pattern LIBTORCH = Pattern.compile("lib(torch|torch_cpu|torch_cuda|c10|c10_cuda)\\.so.*");
    private static final Pattern OPENMP = Pattern.compile("lib(gomp|iomp5|omp)\\.so.*");
    private static final Pattern CUDA = Pattern.compile("lib(cudart|cudnn|cublas|nvrtc)\\.so.*");

    /** What it means and what to do. */
    String reason() {
        return switch (variable) {
            case PRELOAD -> PRELOAD + " loads another " + library + " first: " + file + "; unset it";
            default -> PATH + " leads to another " + library + ": " + file + "; take its folder out of the variable";
        };
    }

    /**
     * What clashes in an environment: every libtorch, OpenMP or CUDA that is preloaded, every libtorch on the library
     * path (this program loads its own by path, but what that needs could be taken from there), and of CUDA's libraries
     * on the path those that another folder has already.
     */
    static List<Clash> in(Map<String, String> environment) {
        List<Clash> clashes = new ArrayList<>();
        for (String entry : environment.getOrDefault(PRELOAD, "").split("[: ]+", -1)) {
            String library = library(name(Path.of(entry)));
            if (!library.isEmpty()) {
                clashes.add(new Clash(library, Path.of(entry), PRELOAD));
            }
        }
        Map<String, Path> cuda = new TreeMap<>();
        for (String entry : environment.getOrDefault(PATH, "").split("[:;]", -1)) {
            List<Path> files = files(entry);
            files.stream()
                    .filter(file -> LIBTORCH.matcher(name(file)).matches())
                    .findFirst()
                    .ifPresent(file -> clashes.add(new Clash("libtorch", file, PATH)));
            files.stream()
                    .filter(file -> CUDA.matcher(name(file)).matches())
                    .filter(file -> !same(file, cuda.computeIfAbsent(name(file), name -> file)))
                    .findFirst()
                    .ifPresent(file -> clashes.add(new Clash("CUDA", file, PATH)));
        }
        return clashes;
    }

    private static String library(String name) {
        if (LIBTORCH.matcher(name).matches()) {
            return "libtorch";
        }
        if (OPENMP.matcher(name).matches()) {
            return "OpenMP";
        }
        return CUDA.matcher(name).matches() ? "CUDA" : "";
    }

    private static String name(Path file) {
        Path name = file.getFileName();
        return name == null ? "" : name.toString();
    }

    /** An empty entry is the working directory, where nobody keeps libraries. */
    private static List<Path> files(String folder) {
        if (folder.isEmpty()) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            return files.sorted().toList();
        } catch (IOException e) {
            return List.of(); // what cannot be listed cannot be loaded from
        }
    }

    private static boolean same(Path a, Path b) {
        try {
            return Files.isSameFile(a, b);
        } catch (IOException e) {
            return false;
        }
    }
}
