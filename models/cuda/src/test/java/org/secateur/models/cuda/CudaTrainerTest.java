package org.secateur.models.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
import org.secateur.models.core.training.EpochRecord;
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
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.SecateurException;

/** The trainer on the stand-in against libtorch's, with the same weights and batches. */
@Tag("native")
class CudaTrainerTest {
    private static final int BATCH = 2;
    private static final int STEPS = 20;
    private static final double MOMENTUM = 0.9;
    private static final double WEIGHT_DECAY = 5e-4;
    private static final LearningRateSchedule SCHEDULE = OneCycleSchedule.of(0.05, 2L * STEPS);

    @BeforeAll
    static void buildStandIn() throws IOException, InterruptedException {
        StandIn.build();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(StandIn.live()).isZero();
    }

    /** Residual with index maps, residual with projections, sequential with biases, pooling and a hidden linear layer. */
    static Stream<Network> networks() {
        return Stream.of(zoo("resnet8"), zoo("resnet8-proj"), sequential());
    }

    private static Network zoo(String name) {
        return Zoo.network(name, Optional.of(new Shape(3, 8, 8)), OptionalInt.of(4));
    }

    private static Network sequential() {
        Extent one = Extent.of(1);
        Extent two = Extent.of(2);
        Layer relu = new Layer.Activation(ActivationKind.RELU);
        return new Network(
                "sequential",
                new Shape(3, 8, 8),
                4,
                List.of(
                        node("conv1", new Layer.Convolution(6, Extent.of(3), one, one, one, 1, true), Network.INPUT),
                        node("relu1", relu, "conv1"),
                        node("pool1", new Layer.Pooling(PoolingKind.MAX, two, two, Extent.of(0), false), "relu1"),
                        node("conv2", new Layer.Convolution(8, Extent.of(3), one, one, one, 2, false), "pool1"),
                        node("bn2", new Layer.BatchNorm(1e-5, 0.1), "conv2"),
                        node("relu2", relu, "bn2"),
                        node("pool2", new Layer.Pooling(PoolingKind.AVERAGE, two, two, Extent.of(0), false), "relu2"),
                        node("flatten", new Layer.Flatten(), "pool2"),
                        node("hidden", new Layer.Linear(10, true), "flatten"),
                        node("relu3", relu, "hidden"),
                        node("fc", new Layer.Linear(4, true), "relu3")));
    }

    private static Node node(String name, Layer layer, String input) {
        return new Node(name, layer, List.of(input));
    }

    /** Random batches, so that losses stay near one. */
    @ParameterizedTest
    @MethodSource("networks")
    void lossesAreThoseOfLibtorchBeforeAndAfterAPruning(Network network) {
        ModelState state = new Initializer(3).initialize(network);
        Dataset data = dataset(network);
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = cudnn(device, network, state);
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
            Evaluation there = cudnn.evaluate(Batches.test(data, BATCH));
            Evaluation here = torch.evaluate(Batches.test(data, BATCH));
            assertThat(there.images()).isEqualTo(here.images());
            assertThat(there.loss()).isCloseTo(here.loss(), withinPercentage(0.1));
            assertThat(there.right()).isEqualTo(here.right());
        }
    }

    private static void stepsAgree(Trainer cudnn, Trainer torch) {
        for (int i = 0; i < STEPS; i++) {
            float[] images = images(cudnn.network(), cudnn.step());
            long[] labels = labels(cudnn.step());
            double expected = torch.trainStep(images, labels).loss();
            assertThat(cudnn.trainStep(images, labels).loss())
                    .as("step %d", i)
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

    @Test
    void anEpochIsThatOfItsStepsAndAddsUpToItsTime() {
        Network network = sequential();
        Dataset data = dataset(network);
        ModelState state = new Initializer(3).initialize(network);
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = cudnn(device, network, state);
                Trainer torch = torch(network, state)) {
            cudnn.lambda(1e-3);
            torch.lambda(1e-3);
            EpochRecord there = cudnn.trainEpoch(Batches.training(data, BATCH, 1, 0));
            EpochRecord here = torch.trainEpoch(Batches.training(data, BATCH, 1, 0));
            assertThat(there.steps()).isEqualTo(5);
            assertThat(there.images()).isEqualTo(10);
            assertThat(there.loss()).isCloseTo(here.loss(), withinPercentage(0.01));
            assertThat(there.accuracy()).isEqualTo(here.accuracy());
            assertThat(cudnn.step()).isEqualTo(5);
            assertThat(there.stepSeconds()).isPositive();
            assertThat(there.regulariserSeconds()).isPositive();
            assertThat(Arrays.stream(there.secondsOfSteps()).sum())
                    .isCloseTo(there.stepSeconds() + there.regulariserSeconds(), withinPercentage(1e-6));
            assertThat(there.loopOverhead()).isZero();
        }
    }

    @Test
    void calibratingChangesNothing() {
        Network network = zoo("resnet8");
        ModelState state = new Initializer(3).initialize(network);
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = cudnn(device, network, state)) {
            double loss = cudnn.trainingLoss(images(network, 0), labels(0));
            assertThat(cudnn.state().parameters()).isEqualTo(state.parameters());
            assertThat(cudnn.state().buffers()).isEqualTo(state.buffers());
            assertThat(cudnn.step()).isZero();
            assertThat(cudnn.trainStep(images(network, 0), labels(0)).loss()).isEqualTo(loss);
            assertThat(cudnn.state().buffers()).isNotEqualTo(state.buffers());
        }
    }

    @Test
    void nothingGathersOverEpochsAndSurgery() {
        Network network = sequential();
        Dataset data = dataset(network);
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = cudnn(device, network, new Initializer(3).initialize(network))) {
            int live = 0;
            for (int epoch = 0; epoch < 3; epoch++) {
                cudnn.lambda(1e-3 * (epoch + 1));
                cudnn.trainEpoch(Batches.training(data, BATCH, 1, epoch));
                cudnn.evaluate(Batches.test(data, BATCH));
                live = epoch == 0 ? StandIn.live() : live;
                assertThat(StandIn.live()).isEqualTo(live);
                ModelState before = cudnn.state();
                cudnn.reconfigure(network, before);
                assertThat(cudnn.state()).isEqualTo(before);
            }
        }
    }

    @Test
    void aLossThatIsNoNumberStopsTraining() {
        Network network = sequential();
        ModelState state = new Initializer(3).initialize(network);
        state.parameter("fc.bias").data()[0] = Float.NaN;
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = cudnn(device, network, state)) {
            assertThatThrownBy(() -> cudnn.trainStep(images(network, 1), labels(1)))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("diverged")
                    .hasMessageContaining("learning rate 0.00");
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndTheTrainerStaysAsItWas() {
        Network network = sequential();
        ModelState state = new Initializer(3).initialize(network);
        Network other = new Network(
                "other",
                network.input(),
                4,
                network.nodes().stream()
                        .map(n -> n.layer() instanceof Layer.BatchNorm
                                ? node(n.name(), new Layer.BatchNorm(1e-3, 0.1), n.input())
                                : n)
                        .toList());
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = cudnn(device, network, state)) {
            assertThatThrownBy(() -> cudnn.reconfigure(other, state)).hasMessageContaining("batch norm bn2");
            assertThatThrownBy(() -> cudnn.reconfigure(zoo("resnet8"), state))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> cudnn.trainStep(images(network, 1), new long[3]))
                    .hasMessageContaining("batch of 3 images");
            assertThatThrownBy(() -> cudnn.trainStep(images(network, 1), new long[] {0, 4}))
                    .hasMessageContaining("label 4");
            assertThatThrownBy(() -> cudnn.lambda(-1)).hasMessageContaining("-1");
            cudnn.trainStep(images(network, 1), labels(1));
            assertThat(cudnn.step()).isEqualTo(1);
        }
    }

    private static Trainer cudnn(CudaDevice device, Network network, ModelState state) {
        return new CudaTrainer(
                device,
                network,
                state,
                BATCH,
                step -> new SgdRule(MOMENTUM, WEIGHT_DECAY, SCHEDULE.learningRate(step)),
                0,
                System::nanoTime);
    }

    private static Trainer torch(Network network, ModelState state) {
        return new TorchTrainer(
                LibTorch.load(2), network, state, new SgdStep(MOMENTUM, WEIGHT_DECAY), SCHEDULE, 0, System::nanoTime);
    }

    private static float[] images(Network network, long seed) {
        Random random = new Random(seed);
        float[] images = new float[BATCH * network.input().elements()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        return images;
    }

    private static long[] labels(long seed) {
        return new Random(seed).longs(BATCH, 0, 4).toArray();
    }

    /** Ten training images of noise, and seven to test on, so that the last batch is not full. */
    private static Dataset dataset(Network network) {
        float[] half = {0.5f, 0.5f, 0.5f};
        return new Dataset(
                "noise", 4, new Normalisation(half, half, "a test"), true, set(network, 10), set(network, 7));
    }

    private static ImageSet set(Network network, int images) {
        byte[] pixels = new byte[images * network.input().elements()];
        new Random(images).nextBytes(pixels);
        int[] labels = new int[images];
        Arrays.setAll(labels, i -> i % 4);
        return new ImageSet(network.input(), pixels, labels);
    }
}
