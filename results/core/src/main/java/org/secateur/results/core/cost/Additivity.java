package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

/**
 * The correction from a sum over operations to a whole step: {@code scale * sum + secondsPerOperation * operations}. A
 * step differs from its parts, since caches carry over and each call costs something beside its kernel.
 */
public record Additivity(double scale, double secondsPerOperation) {
    /** No correction. */
    public static final Additivity IDENTITY = new Additivity(1, 0);

    /** Steps of which each can be predicted by a fit to more than one other. */
    private static final int FEWEST_TO_CHOOSE = 3;

    /** A whole step that was both predicted and measured. */
    public record Observation(double predictedSeconds, int operations, double measuredSeconds) {
        public Observation {
            if (!(predictedSeconds > 0) || operations < 1 || !(measuredSeconds > 0)) {
                throw new IllegalArgumentException("step predicted " + predictedSeconds + " s, measured "
                        + measuredSeconds + " s, " + operations + " operations: all must be positive");
            }
        }
    }

    public Additivity {
        if (!(scale > 0) || !Double.isFinite(scale) || !Double.isFinite(secondsPerOperation)) {
            throw new IllegalArgumentException(
                    "scale " + scale + " must be positive, " + secondsPerOperation + " s an operation finite");
        }
    }

    /**
     * The correction with the least squared relative error. Of none, a scale alone, and a scale with a constant it is the one
     * that predicts each step best when fitted to the others, where there are three or more (leave-one-out; Stone 1974): a
     * few noisy steps with about as many operations each fit two numbers that are far off elsewhere. The constant stays 0 where
     * the steps cannot tell it from the scale: one step only, or predictions in proportion to the number of operations.
     *
     * @throws IllegalArgumentException when there is no step
     */
    public static Additivity fit(List<Observation> steps) {
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("no measured step: at least one is needed to fit a correction");
        }
        if (steps.size() < FEWEST_TO_CHOOSE) {
            return scaleAndConstant(steps);
        }
        List<Function<List<Observation>, Additivity>> fits =
                List.of(others -> IDENTITY, Additivity::scale, Additivity::scaleAndConstant);
        Function<List<Observation>, Additivity> best = fits.get(0);
        double least = Double.POSITIVE_INFINITY;
        for (Function<List<Observation>, Additivity> fit : fits) {
            double error = leftOutError(fit, steps);
            if (error < least) {
                least = error;
                best = fit;
            }
        }
        return best.apply(steps);
    }

    /** The sum of the squared relative errors of each step by a fit to the others. */
    private static double leftOutError(Function<List<Observation>, Additivity> fit, List<Observation> steps) {
        double sum = 0;
        for (int i = 0; i < steps.size(); i++) {
            List<Observation> others = new ArrayList<>(steps);
            Observation left = others.remove(i);
            Additivity fitted = fit.apply(others);
            double predicted = fitted.scale * left.predictedSeconds() + fitted.secondsPerOperation * left.operations();
            double error = predicted / left.measuredSeconds() - 1;
            sum += error * error;
        }
        return sum;
    }

    private static Additivity scale(List<Observation> steps) {
        double x = 0;
        double xx = 0;
        for (Observation step : steps) {
            double sum = step.predictedSeconds() / step.measuredSeconds();
            x += sum;
            xx += sum * sum;
        }
        return new Additivity(x / xx, 0);
    }

    private static Additivity scaleAndConstant(List<Observation> steps) {
        double xx = 0;
        double xy = 0;
        double yy = 0;
        double x = 0;
        double y = 0;
        for (Observation step : steps) {
            double sum = step.predictedSeconds() / step.measuredSeconds();
            double count = step.operations() / step.measuredSeconds();
            xx += sum * sum;
            xy += sum * count;
            yy += count * count;
            x += sum;
            y += count;
        }
        double determinant = xx * yy - xy * xy;
        if (determinant > 1e-6 * xx * yy) {
            double scale = (x * yy - y * xy) / determinant;
            if (scale > 0) {
                return new Additivity(scale, (y * xx - x * xy) / determinant);
            }
        }
        return scale(steps);
    }

    /** The corrected time; a number that was measured becomes derived. */
    public Quantity apply(Quantity seconds, int operations) {
        double constant = secondsPerOperation * operations;
        return equals(IDENTITY)
                ? seconds
                : seconds.map(e -> new Estimate(
                        scale * e.value() + constant,
                        scale * e.low() + constant,
                        scale * e.high() + constant,
                        e.confidence(),
                        e.blocks()));
    }
}
