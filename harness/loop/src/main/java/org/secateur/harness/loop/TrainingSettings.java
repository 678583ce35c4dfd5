package org.secateur.harness.loop;

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
 */
public record TrainingSettings(
        int epochs,
        int batch,
        double learningRate,
        double momentum,
        double weightDecay,
        ScheduleKind schedule,
        long seed) {
    /** The learning rate's course over a run. */
    public enum ScheduleKind {
        /** Up and down once, cosine: what short runs train best with. */
        ONE_CYCLE,
        /** Divided by ten at one half and at three quarters, as the CIFAR literature does (182 epochs: 91 and 136). */
        MILESTONES
    }

    public TrainingSettings {
        require(epochs >= 1, "epochs", epochs, "at least 1");
        require(batch >= 1, "batch", batch, "at least 1");
        require(learningRate > 0 && Double.isFinite(learningRate), "learning rate", learningRate, "above 0");
        require(momentum >= 0 && momentum < 1, "momentum", momentum, "0 to below 1");
        require(weightDecay >= 0 && Double.isFinite(weightDecay), "weight decay", weightDecay, "at least 0");
    }

    static void require(boolean right, String what, Object value, String range) {
        if (!right) {
            throw new IllegalArgumentException(what + " " + value + ": expected " + range);
        }
    }
}
