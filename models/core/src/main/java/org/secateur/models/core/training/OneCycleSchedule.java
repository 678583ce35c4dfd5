package org.secateur.models.core.training;

/**
 * A cosine from {@code peak / divisor} up to the peak and another one down to {@code peak / divisor / finalDivisor}:
 * PyTorch's {@code OneCycleLR} with cosine annealing in two phases (Smith and Topin, 2018). The momentum stays as it is
 * ({@code cycle_momentum=False}).
 *
 * @param peak the highest rate, above 0
 * @param steps the length of the run, at least 2; later steps keep the last rate
 * @param warmFraction the part of the run that rises, above 0 and below 1
 * @param divisor peak over first rate, at least 1
 * @param finalDivisor first over last rate, at least 1
 */
public record OneCycleSchedule(double peak, long steps, double warmFraction, double divisor, double finalDivisor)
        implements LearningRateSchedule {
    public OneCycleSchedule {
        if (!(peak > 0) || Double.isInfinite(peak)) {
            throw new IllegalArgumentException("one-cycle peak " + peak + ": must be above 0");
        }
        if (steps < 2 || !(warmFraction > 0 && warmFraction < 1)) {
            throw new IllegalArgumentException("one-cycle of " + steps + " steps with warm fraction " + warmFraction
                    + ": at least 2 steps, and a fraction between 0 and 1");
        }
        if (!(divisor >= 1) || !(finalDivisor >= 1)) {
            throw new IllegalArgumentException(
                    "one-cycle divisors " + divisor + " and " + finalDivisor + ": must be at least 1");
        }
    }

    /** The one with PyTorch's defaults: 0.3 of the run rises, from a 25th of the peak; the end is 10,000 times lower. */
    public static OneCycleSchedule of(double peak, long steps) {
        return new OneCycleSchedule(peak, steps, 0.3, 25, 1e4);
    }

    @Override
    public double learningRate(long step) {
        if (step < 0) {
            throw new IllegalArgumentException("step " + step + ": must be at least 0");
        }
        double first = peak / divisor;
        double turn = warmFraction * steps - 1;
        if (turn > 0 && step <= turn) {
            return anneal(first, peak, step / turn);
        }
        double end = steps - 1.0;
        return anneal(peak, first / finalDivisor, Math.min(1, (step - turn) / (end - turn)));
    }

    private static double anneal(double from, double to, double fraction) {
        return to + (from - to) / 2 * (1 + Math.cos(Math.PI * fraction));
    }
}
