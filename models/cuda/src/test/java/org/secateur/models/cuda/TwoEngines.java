package org.secateur.models.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSet;
import org.secateur.models.core.data.Normalisation;
import org.secateur.models.core.graph.Branch;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.training.Evaluation;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.OneCycleSchedule;
import org.secateur.models.core.training.Trainer;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.models.libtorch.TorchTrainer;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.cuda.SgdRule;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.PoolingKind;

/**
 * cuDNN's trainer beside libtorch's, with the same weights and batches.
 *
 * @param size height and width of the images, a multiple of 4
 * @param batch images of a step
 */
record TwoEngines(int size, int batch) {
    private static final int CLASSES = 4;
    private static final int STEPS = 20;
    private static final double MOMENTUM = 0.9;
    private static final double WEIGHT_DECAY = 5e-4;
    private static final LearningRateSchedule SCHEDULE = OneCycleSchedule.of(0.05, 2L * STEPS);

    /**
     * Residual with index maps, residual with projections, and sequential with biases, a batch norm of its own epsilon and
     * momentum, pooling in ceil mode and a hidden linear layer.
     */
    Stream<Network> networks() {
        return Stream.of(zoo("resnet8"), zoo("resnet8-proj"), sequential());
    }

    Network zoo(String name) {
        return Zoo.network(name, Optional.of(new Shape(3, size, size)), OptionalInt.of(CLASSES));
    }

    Network sequential() {
        Extent one = Extent.of(1);
        Extent two = Extent.of(2);
        Extent three = Extent.of(3);
        Layer relu = new Layer.Activation(ActivationKind.RELU);
        return new Network(
                "sequential",
                new Shape(3, size, size),
                CLASSES,
                List.of(
                        node("conv1", new Layer.Convolution(6, three, one, one, one, 1, true), Network.INPUT),
                        node("relu1", relu, "conv1"),
                        node("pool1", new Layer.Pooling(PoolingKind.MAX, three, two, Extent.of(0), true), "relu1"),
                        node("pad2", new Layer.Pad(Extent.of(0), one, 0), "pool1"),
                        node("conv2", new Layer.Convolution(8, three, one, one, one, 2, false), "pad2"),
                        node("bn2", new Layer.BatchNorm(1e-3, 0.25), "conv2"),
                        node("relu2", new Layer.Activation(new ActivationKind(0, 1.5)), "bn2"),
                        node("pool2", new Layer.Pooling(PoolingKind.AVERAGE, three, two, Extent.of(0), true), "relu2"),
                        node("pool3", new Layer.Pooling(PoolingKind.PADDED_AVERAGE, two, one, one, false), "pool2"),
                        node("flatten", new Layer.Flatten(), "pool3"),
                        node("hidden", new Layer.Linear(10, true), "flatten"),
                        node("relu3", relu, "hidden"),
                        node("fc", new Layer.Linear(CLASSES, true), "relu3")));
    }

    static Node node(String name, Layer layer, String input) {
        return new Node(name, layer, List.of(input));
    }

    Trainer cudnn(CudaDevice device, Network network, ModelState state) {
        return new CudaTrainer(
                device,
                network,
                state,
                batch,
                step -> new SgdRule(MOMENTUM, WEIGHT_DECAY, SCHEDULE.learningRate(step)),
                0,
                System::nanoTime);
    }

    Trainer torch(Network network, ModelState state) {
        return new TorchTrainer(
                LibTorch.load(2),
                network,
                state,
                new SgdStep(MOMENTUM, WEIGHT_DECAY),
                SCHEDULE,
                0,
                System::nanoTime,
                TensorFormat.DEFAULT);
    }

    /** Twenty steps on random batches, so that losses stay near one; a pruning of both; and twenty steps again. */
    void agree(CudaDevice device, Network network) {
        ModelState state = new Initializer(3).initialize(network);
        try (Trainer cudnn = cudnn(device, network, state);
                Trainer torch = torch(network, state)) {
            for (Trainer trainer : List.of(cudnn, torch)) {
                trainer.lambda(2e-3);
            }
            assertThat(cudnn.groupLasso()).isCloseTo(torch.groupLasso(), withinPercentage(1e-3));
            stepsAgree(cudnn, torch);
            Map<String, int[]> kept = someOf(network);
            for (Trainer trainer : List.of(cudnn, torch)) {
                Surgery.Shrunk shrunk = Surgery.shrink(network, trainer.state(), kept);
                trainer.reconfigure(shrunk.network(), shrunk.state());
            }
            assertThat(cudnn.network()).isEqualTo(torch.network()).isNotEqualTo(network);
            stepsAgree(cudnn, torch);
            assertThat(cudnn.step()).isEqualTo(2L * STEPS);
            ModelState expected = torch.state();
            ModelState actual = cudnn.state();
            close(
                    actual.parameter("fc.weight").data(),
                    expected.parameter("fc.weight").data());
            expected.buffers()
                    .forEach((name, tensor) -> close(actual.buffer(name).data(), tensor.data()));
            assertThat(actual.momentum().keySet()).isEqualTo(expected.momentum().keySet());
            Dataset data = dataset(network);
            Evaluation there = cudnn.evaluate(Batches.test(data, batch));
            Evaluation here = torch.evaluate(Batches.test(data, batch));
            assertThat(there.images()).isEqualTo(here.images());
            assertThat(there.loss()).isCloseTo(here.loss(), withinPercentage(0.1));
            assertThat(there.right()).isEqualTo(here.right());
            assertThat(there.inFive()).isEqualTo(here.inFive());
        }
    }

    private void stepsAgree(Trainer cudnn, Trainer torch) {
        for (int i = 0; i < STEPS; i++) {
            float[] images = images(cudnn.network(), cudnn.step());
            long[] labels = labels(cudnn.step());
            double expected = torch.trainStep(images, labels).loss();
            assertThat(cudnn.trainStep(images, labels).loss())
                    .as("%s, step %d", cudnn.network().name(), i)
                    .isCloseTo(expected, within(1e-3 * expected));
        }
    }

    /**
     * Two of three channels of each group, others in each, so that index maps scatter; of a residual network's first
     * branch nothing, so that shifts appear.
     */
    private static Map<String, int[]> someOf(Network network) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        ChannelGroups groups = ChannelGroups.of(network);
        for (ChannelGroup group : groups.prunable()) {
            int place = kept.size();
            kept.put(
                    group.id(),
                    IntStream.range(0, group.channels())
                            .filter(c -> (c + place) % 3 != 0)
                            .toArray());
        }
        Branch.of(network, groups).stream()
                .limit(1)
                .forEach(branch -> branch.groups().forEach(id -> kept.put(id, new int[0])));
        return kept;
    }

    private static void close(float[] actual, float[] expected) {
        float largest = 1e-3f;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(2e-3f * largest));
        }
    }

    float[] images(Network network, long seed) {
        Random random = new Random(seed);
        float[] images = new float[batch * network.input().elements()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        return images;
    }

    long[] labels(long seed) {
        return new Random(seed).longs(batch, 0, CLASSES).toArray();
    }

    /** Noise: five batches to train on, and three and a half to test on. */
    Dataset dataset(Network network) {
        float[] half = {0.5f, 0.5f, 0.5f};
        return new Dataset(
                "noise",
                CLASSES,
                new Normalisation(half, half, "a test"),
                true,
                noise(network, 5 * batch),
                noise(network, 7 * batch / 2));
    }

    private static ImageSet noise(Network network, int images) {
        byte[] pixels = new byte[images * network.input().elements()];
        new Random(images).nextBytes(pixels);
        int[] labels = new int[images];
        Arrays.setAll(labels, i -> i % CLASSES);
        return new ImageSet(network.input(), pixels, labels);
    }
}
