package org.secateur.results.core.cost;

import java.util.List;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

/**
 * The correction from a sum over operations to a whole step: {@code scale * sum + secondsPerOperation * operations}. A
 * step differs from its parts, since caches carry over and each call costs something beside its kernel.
 */
public record Additivity(double scale, double secondsPerOperation) {
    /** No correction. */
    public static final Additivity IDENTITY = new Additivity(1, 0);

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
     * The correction with the least squared relative error. The constant stays 0 where the steps cannot tell it from the
     * scale: one step only, or predictions in proportion to the number of operations.
     */
    public static Additivity fit(List<Observation> steps) {
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("no measured step: at least one is needed to fit a correction");
        }
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
        return new Additivity(x / xx, 0);
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
