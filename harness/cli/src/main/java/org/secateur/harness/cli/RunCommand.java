package org.secateur.harness.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.secateur.harness.loop.RunSettings;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Network;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main job. */
@Command(
        name = "run",
        description = "Train a network dense and, beside it, pruned by the costs measured on this machine; measure both"
                + " again and report.",
        footer = {
            "",
            "Examples:",
            "  secateur run",
            "  secateur run --quick",
            "  secateur run --network resnet20 --data cifar10:DIR --epochs 30 --budget train-step=0.6",
            "  secateur run --network vgg11 --data fashion-mnist:DIR --budget latency=0.5 --json"
        })
final class RunCommand implements Callable<Integer> {
    /** Small enough for two cores and a few minutes, and residual, so that every rule has work. */
    static final String DEFAULT_NETWORK = "resnet8";

    private static final int QUICK_EPOCHS = 3;
    /** A quick run draws fewer images. */
    private static final String QUICK_DATA = "shapes:10000";

    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    private final TrainingOptions training = new TrainingOptions();

    @Mixin
    private final PruningOptions pruning = new PruningOptions();

    @Option(names = "--quick", description = "Fewer images and epochs: the whole way in about two minutes.")
    private boolean quick;

    @Option(names = "--fresh", description = "Never continue an unfinished run.")
    private boolean fresh;

    @Option(
            names = "--strict",
            description = "Leave with exit code 1 when the budget is missed, and 4 when the verdict is UNDECIDED.")
    private boolean strict;

    RunCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Dataset data = Dataset.open(quick && training.data.equals("shapes") ? QUICK_DATA : training.data);
        Network dense = network.network(DEFAULT_NETWORK, data.shape(), data.classes());
        RunSettings settings = new RunSettings(
                dense,
                training.settings(common.seed, QUICK_EPOCHS, quick),
                Optional.of(pruning.settings()),
                true,
                training.inferenceBatch,
                quick ? 1000 : 2000,
                quick ? 12 : 20);
        return new RunExecution(session, common, "run", fresh, strict)
                .execute(settings, data, Optional.ofNullable(pruning.plan), Optional.empty());
    }
}
