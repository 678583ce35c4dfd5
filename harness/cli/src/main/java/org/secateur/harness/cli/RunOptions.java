package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.Engine;
import org.secateur.harness.loop.LayoutChoice;
import org.secateur.harness.loop.LayoutChoice.By;
import org.secateur.harness.loop.PruningSettings;
import org.secateur.harness.loop.RunSettings;
import org.secateur.harness.loop.TrainingSettings;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.WeightsFile;
import org.secateur.models.libtorch.Workers;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
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

    /** More processes than a machine has use for; each takes some hundred megabytes. */
    private static final int MOST_WORKERS = 64;

    private static final String LIBTORCH = "libtorch";
    private static final String CUDNN = "cudnn";
    private static final String AUTO = "auto";

    @Mixin
    final CommonOptions common = new CommonOptions();

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    final TrainingOptions training = new TrainingOptions();

    @Mixin
    final PowerOption power = new PowerOption();

    @Mixin
    final StartOption start = new StartOption();

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description =
                    "What trains: libtorch on cpu, cudnn on cuda:N, and there libtorch too where the program was built"
                            + " with its build for GPUs, which nobody has tried yet (default: libtorch on cpu, else cudnn).")
    @Nullable
    private String engine;

    @Option(
            names = "--layout",
            paramLabel = "L",
            description =
                    "Order of tensors in memory: nchw, nhwc (channels last), or auto, the one with the faster training"
                            + " step, which is measured at the run's beginning (default: ${DEFAULT-VALUE}; cuda:N trains in nchw).")
    private String layout = AUTO;

    @Option(
            names = "--dtype",
            paramLabel = "T",
            description =
                    "Type of activations: f32, bf16 by autocast, with weights and sums in f32, or auto, bf16 where the processor has"
                            + " instructions for it and a training step is measured to be faster (default: ${DEFAULT-VALUE}; cuda:N"
                            + " trains in f32).")
    private String dataType = DataType.F32.text();

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Processes that train together on cpu, each on its share of every batch and of the cores; steps and"
                            + " inferences are measured in one of them, with whole batches (default: ${DEFAULT-VALUE}).")
    int workers = 1;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "Begin with the network and weights of a checkpoint; with --network, with the weights of any"
                    + " safetensors file that has them by PyTorch's names, where a layer that makes logits for other"
                    + " classes begins fresh.")
    @Nullable
    private Path from;

    /** What is to be told of the weights of that file. */
    private Optional<String> headCaution = Optional.empty();

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

    /**
     * What trains on an opened device, and whose whole steps are measured.
     *
     * @param others that train with this process, where there are any
     */
    Engine engine(Device device, Layout chosen, DataType type, @Nullable Workers others) {
        if (!(device instanceof CudaDevice cuda)) {
            return new Engine.OnLibTorch(LibTorch.load(), new TensorFormat(type, chosen), Optional.ofNullable(others));
        }
        return trainsByCudnn()
                ? new Engine.OnCudnn(cuda)
                : new Engine.OnLibTorch(
                        LibTorch.load(), new TensorFormat(type, chosen).onGpu(cuda.ordinal()), Optional.empty());
    }

    /** Whether cuDNN trains, which does so in NCHW and F32 by the plain recipe only. */
    private boolean trainsByCudnn() {
        return common.kind().equals("cuda") && !LIBTORCH.equals(engine);
    }

    /** The processes that train with this one, which the caller closes; null where it trains alone. */
    @Nullable
    Workers startWorkers() {
        return workers == 1 ? null : Workers.start(workers, LibTorch.load().threads());
    }

    /** What a reader of the result must know of this network's file, and of a training by several processes. */
    List<String> cautions(Network trained) {
        return Stream.of(network.caution(trained), headCaution, workersCaution())
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<String> workersCaution() {
        return workers == 1
                ? Optional.empty()
                : Optional.of(workers
                        + " processes trained on a share of every batch each; steps and inferences were measured in"
                        + " one of them alone, with its share of the cores");
    }

    private void requireWorkers(int batch) {
        if (workers < 1 || workers > MOST_WORKERS || (workers > 1 && workers > batch)) {
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

    /** The layout that the user or the device names; empty where the faster one is to be taken. */
    Optional<LayoutChoice> layout() {
        if (trainsByCudnn() || (layout.equals(AUTO) && common.kind().equals("cuda"))) {
            return Optional.of(LayoutChoice.named(Layout.NCHW, By.DEVICE));
        }
        return layout.equals(AUTO) ? Optional.empty() : Optional.of(LayoutChoice.named(named(), By.OPTION));
    }

    /** The type that the user or the device names; empty where the faster one is to be taken. */
    Optional<DataType> dataType() {
        if (dataType.equals(AUTO)) {
            return common.kind().equals("cuda") ? Optional.of(DataType.F32) : Optional.empty();
        }
        return Optional.of(Arrays.stream(DataType.values())
                .filter(type -> type.text().equalsIgnoreCase(dataType))
                .findFirst()
                .orElseThrow(() -> SecateurException.badInput(
                        "unknown type \"" + dataType + "\"", "--dtype", "use f32, bf16 or auto")));
    }

    private Layout named() {
        return Arrays.stream(Layout.values())
                .filter(l -> l.text().equalsIgnoreCase(layout))
                .findFirst()
                .orElseThrow(() -> SecateurException.badInput(
                        "unknown layout \"" + layout + "\"", "--layout", "use auto, nchw or nhwc"));
    }

    /** What of these options, beside the settings, decides what a run computes and tells. */
    String identity() {
        boolean other = common.kind().equals("cuda") && !trainsByCudnn();
        return layout + " " + dataType + " " + power.identity() + workers + " workers" + (other ? " libtorch" : "");
    }

    private void requireArithmetic() {
        boolean gpu = trainsByCudnn();
        if (!layout.equals(AUTO) && named() != Layout.NCHW && gpu) {
            throw SecateurException.badInput(
                    common.device + " trains in nchw only", "--layout " + layout, "leave it out");
        }
        DataType type = dataType().orElse(DataType.F32);
        boolean trained = type == DataType.F32 || (type == DataType.BF16 && !gpu);
        if (!trained) {
            throw SecateurException.badInput(
                    common.device + " trains in f32" + (gpu ? "" : " or bf16"), "--dtype " + dataType, "leave it out");
        }
    }

    private void requireEngine() {
        boolean gpu = common.kind().equals("cuda");
        if (LIBTORCH.equals(engine) && gpu) {
            LibTorch.load().requireGpu(common.device);
            return;
        }
        if (engine == null || engine.equals(gpu ? CUDNN : LIBTORCH)) {
            return;
        }
        boolean known = engine.equals(CUDNN);
        throw SecateurException.badInput(
                known
                        ? "the engine " + engine + " does not train on device " + common.device
                        : "unknown engine \"" + engine + "\"",
                "--engine",
                "use libtorch, or cudnn with --device cuda:N");
    }

    private void requireRecipe() {
        if (trainsByCudnn()) {
            training.recipe.given().findFirst().ifPresent(option -> {
                throw SecateurException.badInput(
                        "the engine cudnn trains by plain cross entropy, without a teacher or a limit of gradients",
                        option,
                        "leave it out, or train on --device cpu");
            });
        }
    }

    /**
     * The network for the images of these data, one's own as it is, and the weights to begin with: those of the file that
     * is named for them, else those of its own file.
     */
    StartingPoint start(Session session, Dataset data) {
        if (from != null && network.network == null && session.own().isEmpty()) {
            return StartingPoint.read(from, data);
        }
        StartingPoint named = session.own()
                .map(own -> new StartingPoint(own.network(), Optional.empty())
                        .fitting(data, own.network().name()))
                .orElseGet(() -> network.fitting(DEFAULT_NETWORK, data));
        if (from == null) {
            return named;
        }
        Network begun = named.network();
        WeightsFile weights = WeightsFile.read(from, begun, new Initializer(common.seed).initialize(begun));
        headCaution = weights.freshHead()
                .map(layer -> "layer " + layer + " began fresh, since " + from + " has it for other classes than "
                        + begun.classes());
        return new StartingPoint(begun, Optional.of(weights.state()));
    }

    /**
     * All that decides what the run does, once the engine is known to fit the device and the pruning to fit the run.
     *
     * @param data what is trained on
     * @param dense whether a dense network is trained
     * @param quick whether to train and to look less, where the options do not say how much
     */
    RunSettings settings(
            Dataset data, Network network, Optional<PruningSettings> pruning, boolean dense, boolean quick) {
        requireEngine();
        power.model(common.kind());
        requireArithmetic();
        requireRecipe();
        requireWorkers(training.batches.training(quick));
        TrainingSettings trained = training.settings(data, common.seed, quick, workers);
        if (pruning.filter(p -> !p.reconfigures(trained.epochs())).isPresent()) {
            throw SecateurException.badInput(
                    "the run ends after epoch " + trained.epochs() + ", before anything would be pruned",
                    "--epochs, --interval",
                    "give more epochs, or fewer between reconfigurations");
        }
        return new RunSettings(
                network,
                trained,
                pruning,
                dense,
                training.batches.inference(common.kind()),
                quick ? QUICK_EPOCH_TEST_IMAGES : EPOCH_TEST_IMAGES,
                quick ? QUICK_FINAL_PAIRS : FINAL_PAIRS);
    }
}
