package org.secateur.models.core.training;

/**
 * What one epoch of training saw and where its time went.
 *
 * @param loss the mean loss over its steps by the recipe, without the group lasso
 * @param accuracy the fraction of images classified rightly by the weights of their own step, in training mode
 * @param dataSeconds what steps waited for: drawing, augmenting and copying batches
 * @param stepSeconds forward, backward and optimizer
 * @param regulariserSeconds the group lasso
 * @param teacherSeconds the teacher's forward passes; 0 without one
 * @param librarySeconds the part of {@code stepSeconds} inside the library that does them
 * @param secondsOfSteps of each step in order, regulariser and teacher included, data not
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out
public record EpochRecord(
        double loss,
        double accuracy,
        int steps,
        int images,
        double dataSeconds,
        double stepSeconds,
        double regulariserSeconds,
        double teacherSeconds,
        double librarySeconds,
        double[] secondsOfSteps) {
    public EpochRecord {
        if (steps < 1 || images < 1 || secondsOfSteps.length != steps) {
            throw new IllegalArgumentException("epoch of " + steps + " steps and " + images + " images with "
                    + secondsOfSteps.length + " step times: expected at least one of each, and a time for each step");
        }
        secondsOfSteps = secondsOfSteps.clone();
    }

    @Override
    public double[] secondsOfSteps() {
        return secondsOfSteps.clone();
    }

    /** Everything: data, steps, regulariser and teacher. */
    public double seconds() {
        return dataSeconds + stepSeconds + regulariserSeconds + teacherSeconds;
    }

    /** The part of the steps' time that the loop around libtorch took, a fraction. */
    public double loopOverhead() {
        return stepSeconds == 0 ? 0 : (stepSeconds - librarySeconds) / stepSeconds;
    }
}
