package org.secateur.harness.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.cuda.CudaDeviceProvider;
import picocli.CommandLine.Option;

/** The options that every command takes. */
final class CommonOptions {
    /** Where measurements are kept unless {@code --store} or {@code SECATEUR_STORE} says otherwise. */
    static final Path DEFAULT_STORE = Path.of("runs", "secateur.db");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    @Option(names = "--json", description = "Print one JSON document on standard output.")
    boolean json;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of every random choice (default: ${DEFAULT-VALUE}).")
    long seed = 1;

    @Option(
            names = "--device",
            paramLabel = "ID",
            defaultValue = "cpu",
            description = "Device to measure and train on: cpu or cuda:N (default: ${DEFAULT-VALUE}).")
    String device = "cpu";

    @Option(
            names = "--store",
            paramLabel = "FILE",
            description = "Where measurements are kept (default: $SECATEUR_STORE, else runs/secateur.db).")
    @Nullable
    Path store;

    @Option(
            names = "--cudnn",
            paramLabel = "DIR",
            description = "Directory of cuDNN 9, for cuda:N (default: the usual places, among them pip's).")
    void cudnn(Path directory) {
        // Backends are found by the service loader, which hands them nothing.
        System.setProperty(CudaDeviceProvider.CUDNN, directory.toString());
    }

    /** The store's path from option, environment or default. */
    Path storePath(Session session) {
        if (store != null) {
            return store;
        }
        String named = session.environment().getOrDefault("SECATEUR_STORE", "");
        return named.isBlank() ? DEFAULT_STORE : Path.of(named);
    }

    /** {@code cuda} or {@code cpu}, by the device's id. */
    String kind() {
        return Json.kind(device);
    }
}
