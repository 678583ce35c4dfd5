package org.secateur.models.libtorch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.models.core.training.Recipe;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.Variant;

/**
 * A real training step of a network, for measuring: the trainer's own forward, loss, backward, regulariser, limit of
 * gradients and optimizer, by a recipe, with random weights, on random normal images that change from launch to launch. Drawing and copying
 * batches are not part of it.
 */
public final class TrainingStep implements Kernel {
    /** So many batches in turn that none lies in the cache when it comes again. */
    static final int BATCHES = 4;

    /** So small that weights stay where they are however often the step is launched. */
    private static final double LEARNING_RATE = 1e-6;

    private static final SgdStep OPTIMIZER = new SgdStep(0.9, 5e-4);

    private final TorchTrainer trainer;
    private final PointerScope scope;
    private final List<Tensor> images = new ArrayList<>();
    private final List<Tensor> labels = new ArrayList<>();
    private final List<long[]> classes = new ArrayList<>();
    private int next;

    /** A step by the plain recipe. */
    public TrainingStep(LibTorch libTorch, Network network, int batch, double lambda, long seed, TensorFormat format) {
        this(libTorch, network, batch, lambda, Recipe.PLAIN, seed, format);
    }

    /**
     * A step.
     *
     * @param batch images of each step, at least 1
     * @param lambda the weight of the group lasso; 0 leaves it out
     * @param recipe the loss, whose teacher's forward pass is part of the step, and the limit of gradients
     * @param seed of weights, images and labels
     * @param format of activations and weights in memory
     */
    public TrainingStep(
            LibTorch libTorch,
            Network network,
            int batch,
            double lambda,
            Recipe recipe,
            long seed,
            TensorFormat format) {
        if (batch < 1) {
            throw new IllegalArgumentException("batch " + batch + ": must be at least 1");
        }
        trainer = new TorchTrainer(
                libTorch,
                network,
                new Initializer(seed).initialize(network),
                recipe,
                OPTIMIZER,
                new MilestoneSchedule(LEARNING_RATE, List.of(), 1),
                0,
                System::nanoTime,
                format);
        trainer.lambda(lambda);
        SplittableRandom random = new SplittableRandom(seed);
        try (PointerScope opened = new PointerScope()) {
            for (int i = 0; i < BATCHES; i++) {
                images.add(InferencePass.images(random, network, batch, format));
                int[] drawn = random.ints(batch, 0, network.classes()).toArray();
                labels.add(format.placed(HostTensors.labels(drawn)));
                classes.add(Arrays.stream(drawn).asLongStream().toArray());
            }
            scope = opened.extend();
        }
    }

    @Override
    public void launch() {
        int now = next;
        next = (next + 1) % BATCHES;
        trainer.step(images.get(now), labels.get(now), classes.get(now));
    }

    /** On the processor there is nothing to wait for: a launch returns when it is done. */
    @Override
    public void synchronize() {
        trainer.format().synchronize();
    }

    @Override
    public Variant variant() {
        return new Variant("libtorch", 0, true);
    }

    @Override
    public void close() {
        scope.close();
        trainer.close();
    }
}
