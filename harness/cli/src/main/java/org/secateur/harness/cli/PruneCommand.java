package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.RunSettings;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Network;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Pruned training alone, or from a checkpoint. */
@Command(
        name = "prune",
        description =
                "Train and prune a network under a budget, without a dense training beside it; the dense network's"
                        + " costs are measured all the same.",
        footer = {
            "",
            "Examples:",
            "  secateur prune --network resnet20 --data cifar10:DIR --epochs 30 --budget train-step=0.6",
            "  secateur prune --from runs/NAME/dense.safetensors --data cifar10:DIR --epochs 5 --budget none \\",
            "      --saliency-budget 0.05 --interval 1 --cost macs"
        })
final class PruneCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    private final TrainingOptions training = new TrainingOptions();

    @Mixin
    private final PruningOptions pruning = new PruningOptions();

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "Start with the network and weights of a checkpoint instead of fresh ones.")
    @Nullable
    private Path from;

    @Option(names = "--fresh", description = "Never continue an unfinished run.")
    private boolean fresh;

    @Option(
            names = "--strict",
            description = "Leave with exit code 1 when the budget is missed, and 4 when the verdict is UNDECIDED.")
    private boolean strict;

    PruneCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Dataset data = Dataset.open(training.data);
        Optional<StartingPoint> start = Optional.ofNullable(from).map(file -> StartingPoint.read(file, data));
        Network dense = start.map(StartingPoint::network)
                .orElseGet(() -> network.network(RunCommand.DEFAULT_NETWORK, data.shape(), data.classes()));
        RunSettings settings = new RunSettings(
                dense,
                training.settings(common.seed, 1, false),
                Optional.of(pruning.settings()),
                false,
                training.inferenceBatch,
                2000,
                20);
        return new RunExecution(session, common, "prune", fresh, strict)
                .execute(settings, data, Optional.ofNullable(pruning.plan), start.map(StartingPoint::state));
    }
}
