package org.secateur.profilers.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;

/**
 * Stochastic gradient descent with momentum and weight decay on every parameter, in PyTorch's form (Sutskever et al.
 * 2013, without dampening): {@code m = momentum * m + (g + weightDecay * w); w = w - rate * m}.
 */
public record SgdStep(double momentum, double weightDecay) {
    public SgdStep {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("momentum " + momentum + ": expected 0 up to but not 1");
        }
        if (!(weightDecay >= 0)) {
            throw new IllegalArgumentException("weight decay " + weightDecay + ": expected at least 0");
        }
    }

    /** One step in place; the gradients are zero afterwards, ready for the next backward pass. */
    @SuppressWarnings("try") // the scope only has to be open
    public void apply(FlatParameters parameters, double learningRate) {
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            if (weightDecay > 0) {
                parameters.gradients().add_(parameters.values(), new Scalar(weightDecay));
            }
            parameters.momenta().mul_(new Scalar(momentum)).add_(parameters.gradients());
            parameters.values().add_(parameters.momenta(), new Scalar(-learningRate));
            parameters.gradients().zero_();
        }
    }
}
