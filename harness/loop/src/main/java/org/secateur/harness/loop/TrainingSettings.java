package org.secateur.harness.loop;

import java.util.List;
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
 * @param milestones with a schedule of milestones, the epochs from which a tenth of the rate before holds, ascending, each 1
 *     to below the run's; empty for one half and three quarters of the run
 * @param workers processes that share each step, at least 1
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
        Recipe recipe,
        List<Integer> milestones,
        int workers) {
    /** The learning rate's course over a run. */
    public enum ScheduleKind {
        /** Up and down once, cosine: what short runs train best with. */
        ONE_CYCLE,
        /** Half a cosine down to 0, as most recipes for ImageNet have it. */
        COSINE,
        /**
         * Divided by ten at each milestone: where none is named at one half and at three quarters, as the CIFAR literature
         * does (182 epochs: 91 and 136).
         */
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
        require(workers >= 1, "workers", workers, "at least 1");
        milestones = List.copyOf(milestones);
        require(
                milestones.isEmpty() || schedule == ScheduleKind.MILESTONES,
                "milestones",
                milestones,
                "none with another schedule");
        int before = 0;
        for (int milestone : milestones) {
            require(
                    milestone > before && milestone < epochs,
                    "milestones",
                    milestones,
                    "ascending epochs from 1 to below " + epochs);
            require(
                    milestone >= warmupEpochs,
                    "milestones",
                    milestones,
                    "none before the end of the warm-up of " + warmupEpochs + " epochs");
            before = milestone;
        }
    }

    /** A training in one process, whose milestones, where its schedule has any, are at one half and three quarters. */
    public TrainingSettings(
            int epochs,
            int batch,
            double learningRate,
            double momentum,
            double weightDecay,
            ScheduleKind schedule,
            long seed,
            double warmupEpochs,
            Recipe recipe) {
        this(epochs, batch, learningRate, momentum, weightDecay, schedule, seed, warmupEpochs, recipe, List.of(), 1);
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
