package org.secateur.models.libtorch;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.secateur.models.core.data.BatchQueue;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.Variant;

/**
 * Training steps in a row, for measuring what their data cost: fed as an epoch feeds them, or all on one batch that lies
 * in libtorch's memory. Whoever makes it closes it.
 */
public final class FedSteps implements Kernel {
    private static final double RATE = 1e-6;
    private static final SgdStep OPTIMIZER = new SgdStep(0.9, 5e-4);

    /** Does the steps of a launch. */
    private interface Feeding {
        void run(TorchTrainer trainer);
    }

    private final TorchTrainer trainer;
    private final Runnable batchCloser;
    private final Feeding feeding;

    private FedSteps(TorchTrainer trainer, Runnable batchCloser, Feeding feeding) {
        this.trainer = trainer;
        this.batchCloser = batchCloser;
        this.feeding = feeding;
    }

    /**
     * Steps on the augmented training images of a data set, of another epoch in each launch. Nothing is drawn between
     * launches, so that each waits for its first batch as an epoch does, and draws all of them in its own time.
     *
     * @param batch images of a step
     * @param steps of a launch, at most those of an epoch
     */
    public static FedSteps real(
            LibTorch libTorch, Network network, Dataset data, int batch, int steps, long seed, TensorFormat format) {
        int most = Batches.training(data, batch, seed, 0).count();
        if (steps < 1 || steps > most) {
            throw new IllegalArgumentException("steps " + steps + ": expected 1 to the " + most + " of an epoch");
        }
        float[] images = new float[Math.multiplyExact(batch, network.input().elements())];
        long[] labels = new long[batch];
        int[] epoch = new int[1];
        return new FedSteps(trainer(libTorch, network, seed, format), () -> {}, fed -> {
            try (BatchQueue queue = new BatchQueue(Batches.training(data, batch, seed, epoch[0]++))) {
                for (int i = 0; i < steps; i++) {
                    queue.next(images, labels);
                    fed.trainStep(images, labels);
                }
            }
        });
    }

    /**
     * Steps on one batch of random images, which is drawn, copied and arranged beforehand.
     *
     * @param batch images of a step
     * @param steps of a launch, at least 1
     */
    public static FedSteps synthetic(
            LibTorch libTorch, Network network, int batch, int steps, long seed, TensorFormat format) {
        TorchTrainer trainer = trainer(libTorch, network, seed, format);
        SplittableRandom random = new SplittableRandom(seed);
        try (PointerScope opened = new PointerScope()) {
            Tensor images = InferencePass.images(random, network, batch, format);
            int[] drawn = random.ints(batch, 0, network.classes()).toArray();
            Tensor labels = HostTensors.labels(drawn);
            long[] classes = Arrays.stream(drawn).asLongStream().toArray();
            PointerScope scope = opened.extend();
            return new FedSteps(trainer, scope::close, fed -> {
                for (int i = 0; i < steps; i++) {
                    fed.step(images, labels, classes);
                }
            });
        }
    }

    private static TorchTrainer trainer(LibTorch libTorch, Network network, long seed, TensorFormat format) {
        return new TorchTrainer(
                libTorch,
                network,
                new Initializer(seed).initialize(network),
                OPTIMIZER,
                new MilestoneSchedule(RATE, List.of(), 1),
                0,
                System::nanoTime,
                format);
    }

    @Override
    public void launch() {
        feeding.run(trainer);
    }

    @Override
    public void synchronize() {} // a launch returns when it is done

    @Override
    public Variant variant() {
        return new Variant("libtorch", 0, true);
    }

    @Override
    public void close() {
        batchCloser.run();
        trainer.close();
    }
}
