package org.secateur.models.core.training;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a training minimises and how long its gradients may be, beside plain cross entropy and the group lasso.
 *
 * @param labelSmoothing the share of each label that is spread evenly over all classes, its own included; 0 to below 1
 *     (Szegedy et al. 2016, section 7, and PyTorch's {@code cross_entropy})
 * @param clipNorm the largest norm of the gradient, taken over all parameters together with the group lasso's; above 0.
 *     A longer gradient is scaled down to it, before weight decay and momentum (Pascanu et al. 2013, algorithm 1)
 * @param distillation the teacher that is learned from beside the labels
 */
public record Recipe(double labelSmoothing, OptionalDouble clipNorm, Optional<Distillation> distillation) {
    /** Plain cross entropy, and gradients as they come. */
    public static final Recipe PLAIN = new Recipe(0, OptionalDouble.empty(), Optional.empty());

    public Recipe {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("label smoothing " + labelSmoothing + ": expected 0 to below 1");
        }
        if (clipNorm.isPresent() && !(clipNorm.getAsDouble() > 0 && Double.isFinite(clipNorm.getAsDouble()))) {
            throw new IllegalArgumentException(
                    "largest gradient norm " + clipNorm.getAsDouble() + ": expected above 0");
        }
    }

    /** Whether it is no more than {@link #PLAIN}. */
    public boolean isPlain() {
        return labelSmoothing == 0 && clipNorm.isEmpty() && distillation.isEmpty();
    }

    /** The same with labels only. */
    public Recipe withoutTeacher() {
        return new Recipe(labelSmoothing, clipNorm, Optional.empty());
    }
}
