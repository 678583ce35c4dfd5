package org.secateur.harness.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.secateur.harness.loop.RunSettings;
import org.secateur.models.core.data.Dataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Dense training. */
@Command(
        name = "train",
        description = "Train a network as it is, and measure its step and its inference. With --widths, a network of"
                + " another width from scratch.",
        footer = {
            "",
            "Examples:",
            "  secateur train --network resnet20 --data cifar10:DIR --epochs 30",
            "  secateur train --network resnet20 --data cifar10:DIR --epochs 30 --widths widths.json",
            "  secateur train --network resnet18 --data folder:photos --from resnet18.safetensors --epochs 10",
            "  secateur train --network resnet20 --data cifar10:DIR --schedule cosine --label-smoothing 0.1 --clip-norm 5"
        })
final class TrainCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final RunOptions run = new RunOptions();

    @Mixin
    private final WidthsOption widths = new WidthsOption();

    TrainCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Dataset data = session.data(run.training.data);
        StartingPoint start = widths.applied(run.start(session, data));
        RunSettings settings = run.settings(data, start.network(), Optional.empty(), true, false);
        return new RunExecution(session, run, "train", false)
                .execute(settings, data, Optional.empty(), start.weights());
    }
}
