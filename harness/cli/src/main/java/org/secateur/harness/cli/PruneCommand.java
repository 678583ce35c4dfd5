package org.secateur.harness.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.secateur.harness.loop.RunSettings;
import org.secateur.models.core.data.Dataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
            "  secateur prune --network resnet20 --data cifar10:DIR --teacher runs/NAME/dense.safetensors",
            "  secateur prune --network model.onnx --data cifar10:DIR --epochs 10 --budget latency=0.6",
            "  secateur prune --from runs/NAME/dense.safetensors --data cifar10:DIR --epochs 5 --budget none \\",
            "      --saliency-budget 0.05 --interval 1 --cost macs"
        })
final class PruneCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final RunOptions run = new RunOptions();

    @Mixin
    private final PruningOptions pruning = new PruningOptions();

    PruneCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Dataset data = session.data(run.training.data);
        StartingPoint start = run.start(session, data);
        RunSettings settings = run.settings(data, start.network(), Optional.of(pruning.settings()), false, false);
        return new RunExecution(session, run, "prune", pruning.strict)
                .execute(settings, data, Optional.ofNullable(pruning.plan), start.weights());
    }
}
