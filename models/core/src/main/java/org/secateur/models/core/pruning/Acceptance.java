package org.secateur.models.core.pruning;

/**
 * Whether a plan is worth its price: {@code (T(now) - T(plan) - 2 standard errors of the difference) x steps left} must
 * exceed the measured cost of reconfiguring.
 *
 * @param nowSeconds of a training step at hand
 * @param planSeconds of a training step after the plan, predicted
 * @param standardErrorSeconds of their difference, 0 or more
 * @param stepsLeft training steps until the end
 * @param reconfiguringSeconds what applying the plan takes, measured
 */
public record Acceptance(
        double nowSeconds,
        double planSeconds,
        double standardErrorSeconds,
        long stepsLeft,
        double reconfiguringSeconds) {
    public Acceptance {
        if (!(nowSeconds >= 0 && planSeconds >= 0 && standardErrorSeconds >= 0 && reconfiguringSeconds >= 0)
                || stepsLeft < 0) {
            throw new IllegalArgumentException("step now " + nowSeconds + " s, planned " + planSeconds
                    + " s, standard error " + standardErrorSeconds + " s, " + stepsLeft + " steps left, reconfiguring "
                    + reconfiguringSeconds + " s: expected 0 or more each");
        }
    }

    /** What the plan saves for sure over the steps left, before its own cost; negative if nothing is sure. */
    public double savedSeconds() {
        return (nowSeconds - planSeconds - 2 * standardErrorSeconds) * stepsLeft;
    }

    /** Whether to apply the plan. */
    public boolean accepted() {
        return savedSeconds() > reconfiguringSeconds;
    }

    /** The decision in a sentence. */
    public String text() {
        return "%s: a step %.4g s -> %.4g s +- %.2g s saves %.3g s over %d steps, reconfiguring takes %.3g s"
                .formatted(
                        accepted() ? "accepted" : "rejected",
                        nowSeconds,
                        planSeconds,
                        2 * standardErrorSeconds,
                        savedSeconds(),
                        stepsLeft,
                        reconfiguringSeconds);
    }
}
