package org.secateur.models.core.training;

/**
 * A rate that rises linearly to the first one of another schedule, which then goes on from its own step 0 (Goyal et al.
 * 2017, section 2.2). Step s of the warm-up has {@code (s + 1) / steps} of that rate, so that its last step has all.
 *
 * @param steps the warm-up's length, at least 1
 * @param then what follows
 */
public record WarmupSchedule(long steps, LearningRateSchedule then) implements LearningRateSchedule {
    public WarmupSchedule {
        if (steps < 1) {
            throw new IllegalArgumentException("warm-up of " + steps + " steps: must be at least 1");
        }
    }

    @Override
    public double learningRate(long step) {
        if (step < 0) {
            throw new IllegalArgumentException("step " + step + ": must be at least 0");
        }
        return step < steps ? then.learningRate(0) * ((step + 1.0) / steps) : then.learningRate(step - steps);
    }
}
