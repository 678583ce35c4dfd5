package org.secateur.models.core.training;

/**
 * Half a cosine from the peak down to 0: PyTorch's {@code CosineAnnealingLR} (Loshchilov and Hutter 2017, equation 5,
 * without restarts and with 0 as the lowest rate).
 *
 * @param peak the first rate, above 0
 * @param steps after how many steps the rate is 0, where it stays; at least 1
 */
public record CosineSchedule(double peak, long steps) implements LearningRateSchedule {
    public CosineSchedule {
        if (!(peak > 0) || Double.isInfinite(peak) || steps < 1) {
            throw new IllegalArgumentException(
                    "cosine from rate " + peak + " in " + steps + " steps: expected above 0 and at least 1");
        }
    }

    @Override
    public double learningRate(long step) {
        if (step < 0) {
            throw new IllegalArgumentException("step " + step + ": must be at least 0");
        }
        double fraction = (double) Math.min(step, steps) / steps;
        return peak / 2 * (1 + Math.cos(Math.PI * fraction));
    }
}
