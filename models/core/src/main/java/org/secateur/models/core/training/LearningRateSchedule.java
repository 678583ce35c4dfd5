package org.secateur.models.core.training;

/** The learning rate of each optimizer step, counted from 0 over the whole run. */
public sealed interface LearningRateSchedule
        permits CosineSchedule, MilestoneSchedule, OneCycleSchedule, WarmupSchedule {
    /**
     * The learning rate of the step after {@code step} finished ones.
     *
     * @throws IllegalArgumentException when the step is negative
     */
    double learningRate(long step);
}
