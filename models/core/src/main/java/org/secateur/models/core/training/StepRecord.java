package org.secateur.models.core.training;

/**
 * What one training step saw before its update.
 *
 * @param loss the batch's mean cross entropy, without the regulariser
 * @param correct how many images were classified rightly, in training mode
 */
public record StepRecord(double loss, int correct) {}
