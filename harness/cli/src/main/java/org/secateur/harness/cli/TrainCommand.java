package org.secateur.harness.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.secateur.harness.loop.RunSettings;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Network;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Dense training. */
@Command(
        name = "train",
        description = "Train a network as it is, and measure its step and its inference. With --widths, a network of"
                + " another width from scratch.",
        footer = {
            "",
            "Examples:",
            "  secateur train --network resnet20 --data cifar10:DIR --epochs 30",
            "  secateur train --network resnet20 --data cifar10:DIR --epochs 30 --widths widths.json"
        })
final class TrainCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    private final WidthsOption widths = new WidthsOption();

    @Mixin
    private final TrainingOptions training = new TrainingOptions();

    @Option(names = "--fresh", description = "Never continue an unfinished run.")
    private boolean fresh;

    TrainCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Dataset data = Dataset.open(training.data);
        Network dense = widths.applied(network.network(RunCommand.DEFAULT_NETWORK, data.shape(), data.classes()));
        RunSettings settings = new RunSettings(
                dense,
                training.settings(common.seed, 1, false),
                Optional.empty(),
                true,
                training.inferenceBatch,
                2000,
                20);
        return new RunExecution(session, common, "train", fresh, false)
                .execute(settings, data, Optional.empty(), Optional.empty());
    }
}
