package org.secateur.models.core.pruning;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The group lasso of PruneTrain (Lym et al. 2019): {@code CE + lambda * sum of sqrt(sum w^2 + 1e-8)} over the input and
 * output channels of every layer, one lambda for all, set once.
 */
public final class GroupLassoRule {
    /** Keeps the gradient defined at zero. */
    public static final double SMOOTHING = 1e-8;

    private GroupLassoRule() {}

    /** GL: the sum over all channels of all sets of their smoothed norms. A weight may stand in two sets. */
    public static double penalty(List<ChannelSlices> sets) {
        double penalty = 0;
        for (ChannelSlices set : sets) {
            for (int c = 0; c < set.channels(); c++) {
                penalty += Math.sqrt(set.squares(c) + SMOOTHING);
            }
        }
        return penalty;
    }

    /** The median of the norms of all channels of all sets, at least one; of an even number the upper one. */
    public static double medianNorm(List<ChannelSlices> sets) {
        double[] norms = sets.stream()
                .flatMapToDouble(set -> IntStream.range(0, set.channels()).mapToDouble(c -> Math.sqrt(set.squares(c))))
                .sorted()
                .toArray();
        if (norms.length == 0) {
            throw new IllegalArgumentException("no channels: expected at least one");
        }
        return norms[norms.length / 2];
    }

    /**
     * Lambda as published: {@code rho * CE0 / ((1 - rho) * GL0)}, so that the penalty is the share rho of the first
     * batch's loss.
     *
     * @param rho the penalty ratio, above 0 and below 1; published 0.2
     * @param crossEntropy CE0, the first batch's loss with the initial weights
     * @param penalty GL0, the penalty of the initial weights
     */
    public static double lambdaByRatio(double rho, double crossEntropy, double penalty) {
        if (!(rho > 0 && rho < 1)) {
            throw new IllegalArgumentException("penalty ratio " + rho + ": expected above 0 and below 1");
        }
        requirePositive("cross-entropy", crossEntropy);
        requirePositive("penalty", penalty);
        return rho * crossEntropy / ((1 - rho) * penalty);
    }

    /** The penalty ratio that a lambda amounts to. */
    public static double ratio(double lambda, double crossEntropy, double penalty) {
        requirePositive("lambda", lambda);
        requirePositive("cross-entropy", crossEntropy);
        requirePositive("penalty", penalty);
        return lambda * penalty / (crossEntropy + lambda * penalty);
    }

    /**
     * Lambda by steps: where the loss gives no gradient, a step of rate lr shortens a channel's norm by {@code lambda *
     * lr / (1 - momentum)}, and the first quarter of the steps shall carry a median channel to zero. (The channels of
     * the other axis and weight decay shorten it further; the estimate leaves them out.)
     *
     * @param norm the median channel's norm
     * @param path the sum of {@code lr / (1 - momentum)} over the first quarter of the steps
     */
    public static double lambdaBySteps(double norm, double path) {
        requirePositive("norm", norm);
        requirePositive("path of the schedule", path);
        return norm / path;
    }

    /** The steps at a constant rate that carry a channel of that norm to zero, without any other gradient. */
    public static double stepsToZero(double lambda, double norm, double rate, double momentum) {
        requirePositive("lambda", lambda);
        requirePositive("norm", norm);
        requirePositive("rate", rate);
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("momentum " + momentum + ": expected 0 or more and below 1");
        }
        return norm * (1 - momentum) / (lambda * rate);
    }

    private static void requirePositive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + " " + value + " must be positive");
        }
    }
}
