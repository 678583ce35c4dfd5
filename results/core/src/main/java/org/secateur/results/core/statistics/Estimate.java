package org.secateur.results.core.statistics;

/**
 * A value with its interval: {@code low <= value <= high}, all finite, holding the true value with the
 * stated confidence (0 to 1, exclusive of 1), from a number of independent blocks.
 */
public record Estimate(double value, double low, double high, double confidence, int blocks) {
    public Estimate {
        if (!Double.isFinite(value) || !Double.isFinite(low) || !Double.isFinite(high)) {
            throw new IllegalArgumentException("estimate " + value + " [" + low + ", " + high + "] is not finite");
        }
        if (low > value || value > high) {
            throw new IllegalArgumentException(
                    "estimate " + value + " lies outside its interval [" + low + ", " + high + "]");
        }
        if (!(confidence >= 0 && confidence < 1) || blocks < 1) {
            throw new IllegalArgumentException(
                    "estimate with confidence " + confidence + " (0..1) from " + blocks + " blocks (at least 1)");
        }
    }

    /** A number that is known exactly, such as a count; its interval is the point itself. */
    public static Estimate exact(double value) {
        return new Estimate(value, value, value, 0, 1);
    }

    /** Half the interval's width relative to the value; 0 for a value of 0. */
    public double relativeHalfWidth() {
        return value == 0 ? 0 : (high - low) / 2 / Math.abs(value);
    }

    /** Half the interval's width. */
    public double halfWidth() {
        return (high - low) / 2;
    }

    /** The estimate in another unit. {@code factor} must be positive. */
    public Estimate times(double factor) {
        if (!(factor > 0)) {
            throw new IllegalArgumentException("factor " + factor + " must be positive");
        }
        return new Estimate(value * factor, low * factor, high * factor, confidence, blocks);
    }

    /** The rate at which an amount passes in this time, which must be positive. {@code amount} may be 0. */
    public Estimate rate(double amount) {
        if (!(low > 0)) {
            throw new IllegalArgumentException("no rate over " + value + " [" + low + ", " + high + "]");
        }
        return new Estimate(amount / value, amount / high, amount / low, confidence, blocks);
    }

    /** The sum of two independent estimates: half-widths add in quadrature; the weaker confidence holds. */
    public Estimate plus(Estimate other) {
        double down = Math.hypot(value - low, other.value - other.low);
        double up = Math.hypot(high - value, other.high - other.value);
        double sum = value + other.value;
        return new Estimate(
                sum, sum - down, sum + up, Math.min(confidence, other.confidence), Math.min(blocks, other.blocks));
    }
}
