package org.secateur.models.libtorch;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.kl_div;
import static org.bytedeco.pytorch.global.torch.log_softmax;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.Distillation;
import org.secateur.models.core.training.Recipe;
import org.secateur.profilers.libtorch.FlatParameters;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.profilers.libtorch.TorchOperations;

/**
 * A recipe at work in libtorch, with its teacher where it has one. Results belong to the innermost open pointer scope. Used
 * by one thread; whoever makes it closes it.
 */
final class TorchRecipe implements AutoCloseable {
    /** libtorch's names of reductions, {@code at::Reduction}. */
    private static final long MEAN = 1;

    private static final long SUM = 2;
    /** The label that does not count, by default: no class has it. */
    private static final long IGNORED = -100;

    private final Recipe recipe;
    private final LongSupplier nanoTime;
    private final CallClock clock;
    private final Optional<TorchNetwork> teacher;
    private long teacherNanos;

    TorchRecipe(Recipe recipe, LongSupplier nanoTime, TensorFormat format) {
        this.recipe = recipe;
        this.nanoTime = nanoTime;
        clock = new CallClock(nanoTime);
        teacher = recipe.distillation().map(d -> TorchNetwork.readOnly(d.teacher(), d.state(), format));
    }

    Recipe recipe() {
        return recipe;
    }

    /** Checks that the network can learn from the teacher, where there is one. */
    void requireFit(Network network) {
        recipe.distillation().ifPresent(d -> d.requireFit(network));
    }

    /** The teacher's logits {@code [n, classes]}, in evaluation mode and without gradients; empty without a teacher. */
    @SuppressWarnings("try") // the guard only has to be open
    Optional<Tensor> teach(Tensor images) {
        if (teacher.isEmpty()) {
            return Optional.empty();
        }
        long start = nanoTime.getAsLong();
        try (NoGradGuard noGrad = new NoGradGuard()) {
            return Optional.of(teacher.get().forward(images, false, clock));
        } finally {
            teacherNanos += nanoTime.getAsLong() - start;
        }
    }

    /** The time that {@link #teach} has taken so far. */
    long teacherNanos() {
        return teacherNanos;
    }

    /**
     * The mean loss of a batch, a scalar.
     *
     * @param logits {@code [n, classes]}
     * @param labels {@code [n]}
     * @param taught what {@link #teach} said of the same images
     */
    Tensor loss(Tensor logits, Tensor labels, Optional<Tensor> taught) {
        Tensor labelled = recipe.labelSmoothing() == 0
                ? TorchOperations.crossEntropy(logits, labels)
                : cross_entropy_loss(logits, labels, new TensorOptional(), MEAN, IGNORED, recipe.labelSmoothing());
        if (taught.isEmpty()) {
            return labelled;
        }
        Distillation distillation = recipe.distillation().orElseThrow();
        double temperature = distillation.temperature();
        Tensor divergence = kl_div(softened(logits, temperature), softened(taught.get(), temperature), SUM, true);
        double each = distillation.weight() * temperature * temperature / logits.size(0);
        return labelled.mul(new Scalar(1 - distillation.weight())).add(divergence, new Scalar(each));
    }

    /** The logarithms of the probabilities at a temperature. */
    private static Tensor softened(Tensor logits, double temperature) {
        return log_softmax(logits.div(new Scalar(temperature)), 1);
    }

    /**
     * Shortens the gradients where the recipe allows no longer ones, which takes one more reading of them; what is no
     * number is left as it is.
     *
     * @return their norm before, or 0 where the recipe does not ask
     */
    @SuppressWarnings("try") // the scopes only have to be open
    double clip(FlatParameters parameters) {
        if (recipe.clipNorm().isEmpty()) {
            return 0;
        }
        double most = recipe.clipNorm().getAsDouble();
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            double norm = parameters.gradients().norm().item_float();
            if (norm > most && Double.isFinite(norm)) {
                parameters.gradients().mul_(new Scalar(most / norm));
            }
            return norm;
        }
    }

    @Override
    public void close() {
        teacher.ifPresent(TorchNetwork::close);
    }
}
