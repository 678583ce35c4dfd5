package org.secateur.profilers.cuda;

/**
 * Stochastic gradient descent with momentum and weight decay in PyTorch's form (Sutskever et al. 2013, without
 * dampening): {@code m = momentum * m + g + weightDecay * w; w = w - rate * m}.
 *
 * @param momentum 0 up to but not 1
 * @param weightDecay at least 0
 * @param rate at least 0
 */
public record SgdRule(double momentum, double weightDecay, double rate) {
    /**
     * For measuring: so slow that weights, and through the decay momenta, stay normal numbers over millions of launches.
     */
    static final SgdRule MEASURING = new SgdRule(0.9, 5e-4, 1e-6);

    public SgdRule {
        if (!(momentum >= 0 && momentum < 1) || !(weightDecay >= 0) || !(rate >= 0)) {
            throw new IllegalArgumentException("momentum " + momentum + ", weight decay " + weightDecay + ", rate "
                    + rate + ": expected 0 up to but not 1, and two numbers of at least 0");
        }
    }
}
