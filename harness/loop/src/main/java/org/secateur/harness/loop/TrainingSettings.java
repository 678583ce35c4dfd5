package org.secateur.harness.loop;

import org.secateur.models.core.training.Recipe;

/**
 * How a network is trained, dense or pruned alike.
 *
 * @param epochs passes over the training images, at least 1
 * @param batch images per step, at least 1
 * @param learningRate the peak of the schedule, above 0
 * @param momentum of SGD, 0 to below 1
 * @param weightDecay of SGD, at least 0
 * @param schedule the learning rate's course
 * @param seed of initial weights, order and augmentation
 * @param warmupEpochs epochs in which the rate first rises linearly, 0 to below half of all; 0 with one-cycle, which warms
 *     up by itself
 * @param recipe the loss and the limit of gradients
 */
public record TrainingSettings(
        int epochs,
        int batch,
        double learningRate,
        double momentum,
        double weightDecay,
        ScheduleKind schedule,
        long seed,
        double warmupEpochs,
        Recipe recipe) {
    /** The learning rate's course over a run. */
    public enum ScheduleKind {
        /** Up and down once, cosine: what short runs train best with. */
        ONE_CYCLE,
        /** Half a cosine down to 0, as most recipes for ImageNet have it. */
        COSINE,
        /** Divided by ten at one half and at three quarters, as the CIFAR literature does (182 epochs: 91 and 136). */
        MILESTONES
    }

    public TrainingSettings {
        require(epochs >= 1, "epochs", epochs, "at least 1");
        require(batch >= 1, "batch", batch, "at least 1");
        require(learningRate > 0 && Double.isFinite(learningRate), "learning rate", learningRate, "above 0");
        require(momentum >= 0 && momentum < 1, "momentum", momentum, "0 to below 1");
        require(weightDecay >= 0 && Double.isFinite(weightDecay), "weight decay", weightDecay, "at least 0");
        require(
                warmupEpochs >= 0 && warmupEpochs < epochs / 2.0,
                "warm-up epochs",
                warmupEpochs,
                "0 to below half of the " + epochs + " epochs");
        require(
                warmupEpochs == 0 || schedule != ScheduleKind.ONE_CYCLE,
                "warm-up epochs",
                warmupEpochs,
                "0 with one-cycle, which warms up by itself");
    }

    /** A training without warm-up, by the plain recipe. */
    public TrainingSettings(
            int epochs,
            int batch,
            double learningRate,
            double momentum,
            double weightDecay,
            ScheduleKind schedule,
            long seed) {
        this(epochs, batch, learningRate, momentum, weightDecay, schedule, seed, 0, Recipe.PLAIN);
    }

    static void require(boolean right, String what, Object value, String range) {
        if (!right) {
            throw new IllegalArgumentException(what + " " + value + ": expected " + range);
        }
    }
}
