package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.Engine;
import org.secateur.harness.loop.PruningSettings;
import org.secateur.harness.loop.PruningSettings.CostKind;
import org.secateur.harness.loop.RunSettings;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.WeightsFile;
import org.secateur.models.libtorch.Workers;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is trained, how and where: the options of {@code run}, {@code prune} and {@code train} alike. */
final class RunOptions {
    /** Small enough for two cores and a few minutes, and residual, so that every rule has work. */
    private static final String DEFAULT_NETWORK = "resnet8";

    /** Enough that an epoch's accuracy is known to within some two points. */
    private static final int EPOCH_TEST_IMAGES = 2000;
    /** Enough that the interval of the final comparison is a few percent wide. */
    private static final int FINAL_PAIRS = 20;

    private static final int QUICK_EPOCH_TEST_IMAGES = 1000;
    private static final int QUICK_FINAL_PAIRS = 12;

    /** More processes than a machine has use for; each takes some hundred megabytes. */
    private static final int MOST_WORKERS = 64;

    private static final String LIBTORCH = "libtorch";
    private static final String CUDNN = "cudnn";

    @Mixin
    final CommonOptions common = new CommonOptions();

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    final TrainingOptions training = new TrainingOptions();

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description = "What trains: libtorch on cpu, cudnn on cuda:N (default: the device's).")
    @Nullable
    private String engine;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Processes that train together on cpu, each on its share of every batch and of the cores; batch"
                            + " norm normalises each share by itself (default: ${DEFAULT-VALUE}).")
    int workers = 1;

    @Option(names = "--fresh", description = "Never continue an unfinished run.")
    boolean fresh;

    /**
     * What trains on an opened device, and whose whole steps are measured.
     *
     * @param others that train with this process, where there are any
     */
    Engine engine(Device device, @Nullable Workers others) {
        return device instanceof CudaDevice cuda
                ? new Engine.OnCudnn(cuda)
                : new Engine.OnLibTorch(LibTorch.load(), Optional.ofNullable(others));
    }

    /** The processes that train with this one, which the caller closes; null where it trains alone. */
    @Nullable
    Workers startWorkers() {
        return workers == 1 ? null : Workers.start(workers, LibTorch.load().threads());
    }

    /** What a reader of the result must know of a training by several processes. */
    Optional<String> caution() {
        return workers == 1
                ? Optional.empty()
                : Optional.of(
                        workers + " processes trained on a share of every batch each, which batch norm normalised by"
                                + " itself; steps and inferences were measured in one of them alone, with its share of the cores");
    }

    private void requireWorkers() {
        int batch = training.batches.training();
        if (workers < 1 || workers > MOST_WORKERS || workers > batch) {
            throw new IllegalArgumentException("--workers " + workers + ": expected 1.." + MOST_WORKERS
                    + ", and at most the " + batch + " images of a step");
        }
        if (workers > 1 && common.kind().equals("cuda")) {
            throw SecateurException.badInput(
                    "only a processor is shared by several processes",
                    "--workers " + workers,
                    "train on --device cpu, or in one process");
        }
    }

    private void requireEngine() {
        boolean gpu = common.kind().equals("cuda");
        if (engine == null || engine.equals(gpu ? CUDNN : LIBTORCH)) {
            return;
        }
        boolean known = engine.equals(CUDNN) || engine.equals(LIBTORCH);
        throw SecateurException.badInput(
                known
                        ? "the engine " + engine + " does not train on device " + common.device
                        : "unknown engine \"" + engine + "\"",
                "--engine",
                "use libtorch with --device cpu, or cudnn with --device cuda:N");
    }

    /** The network for the images of these data, and the weights that its file had. */
    StartingPoint start(Dataset data) {
        return network.fitting(DEFAULT_NETWORK, data);
    }

    /** A checkpoint's network and weights; where a network is named, that one with a file's weights. */
    StartingPoint start(Dataset data, Path from) {
        if (network.network == null) {
            return StartingPoint.read(from, data);
        }
        Network named = start(data).network();
        return new StartingPoint(named, Optional.of(WeightsFile.read(from, named)));
    }

    /**
     * All that decides what the run does, once the engine is known to fit the device.
     *
     * @param dense whether a dense network is trained
     * @param quick whether to train and to look less, where the options do not say how much
     */
    RunSettings settings(Network network, Optional<PruningSettings> pruning, boolean dense, boolean quick) {
        requireEngine();
        requireWorkers();
        if (common.kind().equals("cuda")
                && pruning.filter(p -> p.cost() == CostKind.JOULES).isPresent()) {
            throw SecateurException.badInput(
                    "plans by joules are not made on a GPU yet: its power changes with the network, and only whole steps"
                            + " are metered",
                    "--cost or --budget",
                    "plan by seconds");
        }
        return new RunSettings(
                network,
                training.settings(common.seed, quick),
                pruning,
                dense,
                training.batches.inference(common.kind()),
                quick ? QUICK_EPOCH_TEST_IMAGES : EPOCH_TEST_IMAGES,
                quick ? QUICK_FINAL_PAIRS : FINAL_PAIRS);
    }
}
