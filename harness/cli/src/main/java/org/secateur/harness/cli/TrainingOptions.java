package org.secateur.harness.cli;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.TrainingSettings;
import org.secateur.harness.loop.TrainingSettings.ScheduleKind;
import org.secateur.models.core.data.Dataset;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a network is trained. The defaults are for short runs on a CPU. */
final class TrainingOptions {
    /** Enough for a small network on the drawn images to show a difference, in a few minutes on two cores. */
    private static final int DEFAULT_EPOCHS = 7;

    private static final int QUICK_EPOCHS = 3;

    /** Of all epochs, with a cosine: what five of ninety are (Goyal et al. 2017). */
    private static final double WARMUP_SHARE = 0.05;

    @Option(
            names = "--data",
            paramLabel = "NAME",
            defaultValue = "shapes",
            description =
                    "Images: shapes or shapes:N (N training images, drawn by this program), cifar10:DIR, cifar100:DIR,"
                            + " fashion-mnist:DIR, or folder:DIR with PNG and JPEG files in DIR/train/CLASS and"
                            + " DIR/val/CLASS, brought to 224 pixels (folder:64:DIR: to 64) (default: ${DEFAULT-VALUE}).")
    String data = "shapes";

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the training images (default: 7; run --quick: 3).")
    @Nullable
    Integer epochs;

    @Mixin
    final BatchOptions batches = new BatchOptions();

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            defaultValue = "0.1",
            description = "Peak learning rate (default: ${DEFAULT-VALUE}).")
    double learningRate = 0.1;

    @Option(names = "--momentum", defaultValue = "0.9", description = "Momentum of SGD (default: ${DEFAULT-VALUE}).")
    double momentum = 0.9;

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            defaultValue = "5e-4",
            description = "Weight decay of SGD (default: ${DEFAULT-VALUE}).")
    double weightDecay = 5e-4;

    @Option(
            names = "--schedule",
            paramLabel = "KIND",
            defaultValue = "one-cycle",
            description = "Learning rate: one-cycle, cosine, or milestones, each of which divides it by ten (default:"
                    + " ${DEFAULT-VALUE}).")
    String schedule = "one-cycle";

    @Option(
            names = "--milestones",
            paramLabel = "EPOCH",
            split = ",",
            description =
                    "With --schedule milestones: the epochs after which the rate falls, for example 91,136 (default: one half"
                            + " and three quarters of all).")
    private List<Integer> milestones = List.of();

    @Option(
            names = "--warmup",
            paramLabel = "EPOCHS",
            description =
                    "Epochs, or a part of one, in which the rate of cosine or milestones first rises linearly (default:"
                            + " a twentieth of all with cosine, else 0).")
    @Nullable
    Double warmup;

    @Mixin
    final RecipeOptions recipe = new RecipeOptions();

    /**
     * The settings, with fewer epochs for a quick run where their number was not given.
     *
     * @param data what is trained on
     * @param workers processes that train together
     */
    TrainingSettings settings(Dataset data, long seed, boolean quick, int workers) {
        int chosen = epochs != null ? epochs : quick ? QUICK_EPOCHS : DEFAULT_EPOCHS;
        ScheduleKind kind = kind();
        double usual = kind == ScheduleKind.COSINE ? WARMUP_SHARE * chosen : 0;
        return new TrainingSettings(
                chosen,
                batches.training(quick),
                learningRate,
                momentum,
                weightDecay,
                kind,
                seed,
                warmup == null ? usual : warmup,
                recipe.recipe(data),
                milestones,
                workers);
    }

    private ScheduleKind kind() {
        return switch (schedule.toLowerCase(Locale.ROOT)) {
            case "one-cycle" -> ScheduleKind.ONE_CYCLE;
            case "cosine" -> ScheduleKind.COSINE;
            case "milestones" -> ScheduleKind.MILESTONES;
            default ->
                throw SecateurException.badInput(
                        "unknown schedule \"" + schedule + "\"", "--schedule", "use one-cycle, cosine or milestones");
        };
    }
}
