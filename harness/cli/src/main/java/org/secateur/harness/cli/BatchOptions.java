package org.secateur.harness.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many images a training step and an inference take. */
final class BatchOptions {
    /** PruneTrain's and most papers' on CIFAR. */
    static final int TRAINING = 128;

    /** Few images make many steps of few epochs: with 128 even the dense network has learned next to nothing after three. */
    private static final int QUICK = 32;

    static final int MOST = 1 << 16;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Images of a training step (default: " + TRAINING + "; run --quick: " + QUICK + ").")
    @Nullable
    Integer batch;

    @Option(
            names = "--inference-batch",
            paramLabel = "N",
            description = "Images of an inference (default: 1 on cpu, 32 on cuda).")
    @Nullable
    Integer inferenceBatch;

    /** Images of a training step. */
    int training() {
        return training(false);
    }

    /** The same, fewer in a quick run. */
    int training(boolean quick) {
        return checked("--batch", batch != null ? batch : quick ? QUICK : TRAINING);
    }

    /** Images of an inference on a device of this kind. */
    int inference(String kind) {
        return checked("--inference-batch", inferenceBatch == null ? (kind.equals("cuda") ? 32 : 1) : inferenceBatch);
    }

    static int checked(String option, int value) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException(option + " " + value + ": expected 1.." + MOST);
        }
        return value;
    }
}
