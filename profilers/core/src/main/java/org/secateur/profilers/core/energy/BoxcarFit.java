package org.secateur.profilers.core.energy;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.PointValuePair;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.NelderMeadSimplex;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.SimplexOptimizer;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/**
 * Finds how long a power sensor averages and how late it shows it, from its readings under a load that comes and goes:
 * each reading is taken as an affine function of the share of busy time in a window of width w that ended d before it,
 * and Nelder and Mead's simplex minimises the squared error over w and d (after arXiv 2312.02741, section 4).
 */
final class BoxcarFit {
    /** A reading when it appeared. */
    record Observation(double seconds, double watts) {}

    /** The answer. */
    record Boxcar(double windowSeconds, double delaySeconds) {}

    private static final double[] WINDOWS = {0.1, 0.25, 0.5, 1};
    private static final double[] DELAYS = {0.02, 0.3, 0.7};
    private static final double LEAST_WINDOW = 0.01;
    private static final double MOST_WINDOW = 2;
    private static final double MOST_DELAY = 2;
    private static final double STEP = 0.1;
    private static final int EVALUATIONS = 2000;

    private final List<Observation> observations;
    private final DoubleUnaryOperator busySeconds;
    private final double update;

    private BoxcarFit(List<Observation> observations, DoubleUnaryOperator busySeconds, double update) {
        this.observations = observations;
        this.busySeconds = busySeconds;
        this.update = update;
    }

    /**
     * The best window and delay, from several starts since the error has many valleys.
     *
     * @param busySeconds the load's busy time until a moment
     * @param updateSeconds the sensor's period, in whose units both are sought
     */
    static Boxcar fit(List<Observation> observations, DoubleUnaryOperator busySeconds, double updateSeconds) {
        BoxcarFit fit = new BoxcarFit(observations, busySeconds, updateSeconds);
        double[] best = {1, 0};
        double least = Double.POSITIVE_INFINITY;
        for (double window : WINDOWS) {
            for (double delay : DELAYS) {
                PointValuePair found = new SimplexOptimizer(1e-7, 1e-12)
                        .optimize(
                                new MaxEval(EVALUATIONS),
                                new ObjectiveFunction(fit::unexplained),
                                GoalType.MINIMIZE,
                                new InitialGuess(new double[] {window, delay}),
                                new NelderMeadSimplex(new double[] {STEP, STEP}));
                if (found.getValue() < least) {
                    least = found.getValue();
                    best = found.getPoint();
                }
            }
        }
        return new Boxcar(best[0] * updateSeconds, best[1] * updateSeconds);
    }

    /** The share of the readings' variance that a window and delay, in periods, leave unexplained; above 1 outside. */
    private double unexplained(double[] point) {
        double window = point[0];
        double delay = point[1];
        if (window < LEAST_WINDOW || window > MOST_WINDOW || delay < 0 || delay > MOST_DELAY) {
            return 2 + Math.abs(window) + Math.abs(delay);
        }
        SimpleRegression line = new SimpleRegression();
        for (Observation observation : observations) {
            double end = observation.seconds() - delay * update;
            double busy = busySeconds.applyAsDouble(end) - busySeconds.applyAsDouble(end - window * update);
            line.addData(busy / (window * update), observation.watts());
        }
        double share = line.getSumSquaredErrors() / line.getTotalSumSquares();
        return Double.isNaN(share) ? 1 : share;
    }
}
