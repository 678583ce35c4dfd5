package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.Engine;
import org.secateur.harness.loop.PruningSettings;
import org.secateur.harness.loop.PruningSettings.CostKind;
import org.secateur.harness.loop.RunSettings;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.WeightsFile;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

    private static final String LIBTORCH = "libtorch";
    private static final String CUDNN = "cudnn";

    @Mixin
    final CommonOptions common = new CommonOptions();

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    final TrainingOptions training = new TrainingOptions();

    @Mixin
    final PowerOption power = new PowerOption();

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description = "What trains: libtorch on cpu, cudnn on cuda:N (default: the device's).")
    @Nullable
    private String engine;

    @Option(names = "--fresh", description = "Never continue an unfinished run.")
    boolean fresh;

    @Spec(Spec.Target.MIXEE)
    @Nullable
    private CommandSpec command;

    /** The command line, word by word. */
    List<String> words() {
        return command == null
                ? List.of()
                : command.root().commandLine().getParseResult().originalArgs();
    }

    /** What trains on an opened device, and whose whole steps are measured. */
    Engine engine(Device device) {
        return device instanceof CudaDevice cuda ? new Engine.OnCudnn(cuda) : new Engine.OnLibTorch(LibTorch.load());
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
        power.model();
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
