package org.secateur.models.core.pruning;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The group lasso of PruneTrain (Lym et al. 2019): {@code CE + lambda * sum of sqrt(sum w^2 + 1e-8)} over the input and
 * output channels of every layer, one lambda for all, set once.
 */
public final class GroupLassoRule {
    /** Keeps the gradient defined at zero. */
    public static final double SMOOTHING = 1e-8;

    /** Every weight lies in an output- and in an input-channel group, whose pulls on a norm are about the same. */
    private static final double PULLS = 2;

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

    /** The penalty ratio that a lambda, 0 or more, amounts to. */
    public static double ratio(double lambda, double crossEntropy, double penalty) {
        double weighed = lambda * penalty;
        return weighed == 0 ? 0 : weighed / (crossEntropy + weighed);
    }

    /**
     * How far a lambda of 1 shortens a channel's norm where the loss gives no gradient: a step of rate lr by {@code lr /
     * (1 - momentum)} for the channel's own group, and by about as much for those of the other axis. (Weight decay
     * shortens it further; the estimate leaves it out.)
     *
     * @param rate the learning rate of each step, from 0
     * @param momentum 0 or more and below 1
     * @param steps how many there are
     */
    public static double path(LongToDoubleFunction rate, double momentum, long steps) {
        double path = 0;
        for (long step = 0; step < steps; step++) {
            path += pull(rate, momentum, step);
        }
        return path;
    }

    /**
     * The steps that carry a channel of that norm to zero, by the same estimate as {@link #path}; empty where
     * {@code steps} do not.
     */
    public static OptionalLong stepsToZero(
            double lambda, double norm, LongToDoubleFunction rate, double momentum, long steps) {
        double path = 0;
        for (long step = 0; step < steps; step++) {
            path += pull(rate, momentum, step);
            if (lambda * path >= norm) {
                return OptionalLong.of(step + 1);
            }
        }
        return OptionalLong.empty();
    }

    private static double pull(LongToDoubleFunction rate, double momentum, long step) {
        return PULLS * rate.applyAsDouble(step) / (1 - momentum);
    }

    /**
     * Lambda by steps: a number of steps, such as the first quarter of a run, shall carry a median channel to zero.
     *
     * @param norm the median channel's norm
     * @param path the {@link #path} of these steps
     */
    public static double lambdaBySteps(double norm, double path) {
        requirePositive("norm", norm);
        requirePositive("path of the schedule", path);
        return norm / path;
    }

    private static void requirePositive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + " " + value + " must be positive");
        }
    }
}
