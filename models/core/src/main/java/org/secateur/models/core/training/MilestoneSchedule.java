package org.secateur.models.core.training;

import java.util.List;

/**
 * A rate that is multiplied by {@code factor} at each milestone: PyTorch's {@code MultiStepLR}, counted in steps.
 *
 * @param initial the rate before the first milestone, above 0
 * @param milestones the steps from which the next factor holds, ascending; one that is repeated counts twice
 * @param factor what each milestone multiplies by, usually 0.1
 */
public record MilestoneSchedule(double initial, List<Long> milestones, double factor) implements LearningRateSchedule {
    public MilestoneSchedule {
        milestones = List.copyOf(milestones);
        if (!(initial > 0) || !(factor > 0) || Double.isInfinite(initial) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException(
                    "milestone schedule with rate " + initial + " and factor " + factor + ": both must be above 0");
        }
        for (int i = 0; i < milestones.size(); i++) {
            if (milestones.get(i) < (i == 0 ? 0 : milestones.get(i - 1))) {
                throw new IllegalArgumentException("milestones " + milestones + ": expected ascending steps from 0");
            }
        }
    }

    @Override
    public double learningRate(long step) {
        if (step < 0) {
            throw new IllegalArgumentException("step " + step + ": must be at least 0");
        }
        double passed = milestones.stream().filter(m -> m <= step).count();
        return initial * Math.pow(factor, passed);
    }
}
