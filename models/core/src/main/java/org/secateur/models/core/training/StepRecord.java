package org.secateur.models.core.training;

/**
 * What one training step saw before its update.
 *
 * @param loss the batch's mean loss by the recipe, without the group lasso
 * @param correct how many images were classified rightly, in training mode
 */
public record StepRecord(double loss, int correct) {}
