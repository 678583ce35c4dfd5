package org.secateur.harness.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.secateur.harness.loop.RunSettings;
import org.secateur.models.core.data.Dataset;
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
            "  secateur run --network vgg8 --data fashion-mnist:DIR --budget latency=0.5 --json"
        })
final class RunCommand implements Callable<Integer> {
    /** A quick run draws fewer images. */
    private static final String QUICK_DATA = "shapes:10000";

    private final Session session;

    @Mixin
    private final RunOptions run = new RunOptions();

    @Mixin
    private final PruningOptions pruning = new PruningOptions();

    @Option(
            names = "--quick",
            description = "Fewer images and epochs, and shorter steps: the whole way in about two minutes.")
    private boolean quick;

    RunCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Dataset data = session.data(quick && run.training.data.equals("shapes") ? QUICK_DATA : run.training.data);
        StartingPoint start = run.start(session, data);
        RunSettings settings = run.settings(data, start.network(), Optional.of(pruning.settings()), true, quick);
        return new RunExecution(session, run, "run", pruning.strict)
                .execute(settings, data, Optional.ofNullable(pruning.plan), start.weights());
    }
}
