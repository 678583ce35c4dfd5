package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSet;
import org.secateur.models.core.data.Normalisation;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.training.Distillation;
import org.secateur.models.core.training.EpochRecord;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.models.core.training.Recipe;
import org.secateur.models.core.training.StepRecord;
import org.secateur.models.core.training.Trainer;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.SecateurException;

/** Two processes against one, which adds up in another order: float32 rounding is what they may differ by. */
@Tag("native")
@Timeout(120)
class DataParallelTest {
    private static final LibTorch TORCH = LibTorch.load(2);
    private static final SgdStep SGD = new SgdStep(0.9, 5e-4);
    private static final double ROUNDING = 2e-5;
    /** Odd, so that the shares are not equal. */
    private static final int BATCH = 7;

    @SuppressWarnings("NullAway.Init") // set before the first test
    private static Workers workers;

    @BeforeAll
    static void startProcesses() {
        workers = Workers.start(2, 1);
    }

    @AfterAll
    static void endProcesses() {
        workers.close();
    }

    @Test
    void twoProcessesTrainAsOneDoesAlsoThroughSurgery() {
        Network dense = plain(12);
        ModelState start = new Initializer(3).initialize(dense);
        try (Trainer one = trainer(dense, start);
                Trainer two = workers.share(trainer(dense, start))) {
            for (int i = 0; i < 12; i++) {
                if (i == 4) {
                    one.lambda(1e-3);
                    two.lambda(1e-3);
                }
                if (i == 8) {
                    one.reconfigure(plain(9), TestNetworks.keepFirst(one.state(), 9));
                    two.reconfigure(plain(9), TestNetworks.keepFirst(two.state(), 9));
                }
                float[] images = TestNetworks.images(dense, BATCH, i);
                long[] labels = TestNetworks.labels(dense, BATCH);
                StepRecord alone = one.trainStep(images, labels);
                StepRecord together = two.trainStep(images, labels);
                assertThat(together.loss()).as("step " + i).isCloseTo(alone.loss(), within(ROUNDING));
                assertThat(together.correct()).as("step " + i).isEqualTo(alone.correct());
            }
            assertThat(two.step()).isEqualTo(12);
            assertClose(two.state(), one.state());
        }
    }

    @Test
    void anEpochIsSharedToo() {
        Network network = plain(6);
        Dataset data = noise(network, 30);
        ModelState start = new Initializer(4).initialize(network);
        try (Trainer one = trainer(network, start);
                Trainer two = workers.share(trainer(network, start))) {
            for (int epoch = 0; epoch < 2; epoch++) {
                EpochRecord alone = one.trainEpoch(Batches.training(data, BATCH, 1, epoch));
                EpochRecord together = two.trainEpoch(Batches.training(data, BATCH, 1, epoch));
                assertThat(together.loss()).isCloseTo(alone.loss(), within(ROUNDING));
                assertThat(together.accuracy()).isEqualTo(alone.accuracy());
                assertThat(together.images()).isEqualTo(alone.images());
            }
            assertThat(two.evaluate(Batches.test(data, BATCH)).loss())
                    .isCloseTo(one.evaluate(Batches.test(data, BATCH)).loss(), within(ROUNDING));
            assertClose(two.state(), one.state());
        }
    }

    /** The shares differ in their statistics, one of them being brighter, and the network is pruned on the way. */
    @ParameterizedTest
    @EnumSource(Layout.class)
    void batchNormSeesTheWholeBatch(Layout layout) {
        Network network = TestNetworks.small(6, 8);
        ModelState start = TestNetworks.state(network, 5);
        TensorFormat format = new TensorFormat(DataType.F32, layout);
        try (Trainer one = trainer(network, start, Recipe.PLAIN, format);
                Trainer two = workers.share(trainer(network, start, Recipe.PLAIN, format))) {
            for (int i = 0; i < 8; i++) {
                if (i == 4) {
                    Network pruned = TestNetworks.small(4, 8);
                    one.reconfigure(pruned, TestNetworks.keepFirst(one.state(), 4));
                    two.reconfigure(pruned, TestNetworks.keepFirst(two.state(), 4));
                }
                float[] images = TestNetworks.images(network, BATCH, i);
                for (int p = 0; p < images.length / 2; p++) {
                    images[p] = 2 * images[p] + 1;
                }
                long[] labels = TestNetworks.labels(network, BATCH);
                assertThat(two.trainStep(images, labels).loss())
                        .as("step " + i)
                        .isCloseTo(one.trainStep(images, labels).loss(), within(ROUNDING));
                assertThat(two.trainingLoss(images, labels))
                        .isCloseTo(one.trainingLoss(images, labels), within(ROUNDING));
            }
            assertClose(two.state(), one.state());
            assertClose(two.state().buffers(), one.state().buffers());
        }
    }

    /** More batch norms than there are processes' threads or callbacks, in branches, of every kind of layer. */
    @Test
    void branchesWithBatchNormsTrainAsInOneProcess() {
        for (Network network : List.of(TestNetworks.everything(), Zoo.network("resnet20-proj"))) {
            ModelState start = TestNetworks.state(network, 7);
            try (Trainer one = trainer(network, start);
                    Trainer two = workers.share(trainer(network, start))) {
                for (int i = 0; i < 2; i++) {
                    float[] images = TestNetworks.images(network, BATCH, i);
                    long[] labels = TestNetworks.labels(network, BATCH);
                    double alone = one.trainStep(images, labels).loss();
                    // Roundings grow with the depth of a network whose weights were disturbed.
                    assertThat(two.trainStep(images, labels).loss())
                            .as(network.name() + ", step " + i)
                            .isCloseTo(alone, within(1e-3 * alone));
                }
            }
        }
    }

    @Test
    void aProcessThatDiesWithinABatchNormIsNamed() {
        Network network = TestNetworks.small(6, 8);
        try (Workers mortal = Workers.start(2, 1);
                Trainer two = mortal.share(trainer(network, TestNetworks.state(network, 7)))) {
            float[] images = TestNetworks.images(network, BATCH, 1);
            long[] labels = TestNetworks.labels(network, BATCH);
            two.trainStep(images, labels);
            ProcessHandle.of(mortal.processIds().get(0)).orElseThrow().destroyForcibly();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1000; i++) {
                            two.trainStep(images, labels);
                        }
                    })
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("ended with exit code 137");
        }
    }

    /** The limit holds for the gradient of the whole batch, which is shorter than those of the shares are. */
    @ParameterizedTest
    @EnumSource(Layout.class)
    void theRecipeAndTheLayoutAreThoseOfTheFirst(Layout layout) {
        Network network = plain(12);
        ModelState start = new Initializer(3).initialize(network);
        Network teacher = TestNetworks.small(6, 8);
        Distillation taught = new Distillation(teacher, TestNetworks.state(teacher, 5), 4, 0.9);
        TensorFormat format = new TensorFormat(DataType.F32, layout);
        for (Optional<Distillation> distillation : List.of(Optional.<Distillation>empty(), Optional.of(taught))) {
            Recipe recipe = new Recipe(0.1, OptionalDouble.of(0.05), distillation);
            try (Trainer one = trainer(network, start, recipe, format);
                    Trainer two = workers.share(trainer(network, start, recipe, format));
                    Trainer plain = trainer(network, start)) {
                for (int i = 0; i < 8; i++) {
                    float[] images = TestNetworks.images(network, BATCH, i);
                    long[] labels = TestNetworks.labels(network, BATCH);
                    plain.trainStep(images, labels);
                    assertThat(two.trainStep(images, labels).loss())
                            .as("step " + i)
                            .isCloseTo(one.trainStep(images, labels).loss(), within(ROUNDING));
                }
                assertClose(two.state(), one.state());
                assertThat(difference(one.state(), plain.state())).isGreaterThan(100 * ROUNDING);
            }
        }
    }

    @Test
    void twoTrainersShareTheProcesses() {
        Network network = plain(5);
        try (Trainer first = workers.share(trainer(network, new Initializer(1).initialize(network)));
                Trainer second = workers.share(trainer(network, new Initializer(2).initialize(network)));
                Trainer alone = trainer(network, new Initializer(2).initialize(network))) {
            for (int i = 0; i < 3; i++) {
                float[] images = TestNetworks.images(network, BATCH, i);
                long[] labels = TestNetworks.labels(network, BATCH);
                first.trainStep(images, labels);
                assertThat(second.trainStep(images, labels).loss())
                        .isCloseTo(alone.trainStep(images, labels).loss(), within(ROUNDING));
            }
        }
    }

    /** The process that has the good share leaves its parameters as they were as well. */
    @Test
    void aLossThatIsNoNumberInOneProcessStopsTheStepInBoth() {
        Network network = plain(6);
        ModelState start = new Initializer(6).initialize(network);
        float[] good = TestNetworks.images(network, BATCH, 1);
        float[] bad = good.clone();
        bad[bad.length - 1] = Float.NaN;
        long[] labels = TestNetworks.labels(network, BATCH);
        try (Trainer one = trainer(network, start);
                Trainer two = workers.share(trainer(network, start))) {
            assertThatThrownBy(() -> two.trainStep(bad, labels)).isInstanceOf(SecateurException.class);
            for (int i = 0; i < 3; i++) {
                assertThat(two.trainStep(good, labels).loss())
                        .isCloseTo(one.trainStep(good, labels).loss(), within(ROUNDING));
            }
        }
    }

    @Test
    void aProcessThatIsKilledIsNamed() {
        Network network = plain(6);
        try (Workers mortal = Workers.start(2, 1);
                Trainer two = mortal.share(trainer(network, new Initializer(7).initialize(network)))) {
            float[] images = TestNetworks.images(network, BATCH, 1);
            long[] labels = TestNetworks.labels(network, BATCH);
            two.trainStep(images, labels);
            long killed = mortal.processIds().get(0);
            ProcessHandle.of(killed).orElseThrow().destroyForcibly();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1000; i++) {
                            two.trainStep(images, labels);
                        }
                    })
                    .isInstanceOfSatisfying(
                            SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.FAILED))
                    .hasMessageContaining(
                            "process 2 of the 2 that train together (pid " + killed + ") ended with exit code 137")
                    .hasMessageContaining("continues from its last checkpoint");
        }
    }

    @Test
    void theOthersEndWithTheFirst() {
        List<Long> others;
        try (Workers three = Workers.start(3, 1)) {
            assertThat(three.size()).isEqualTo(3);
            others = three.processIds();
            assertThat(others).hasSize(2).allMatch(DataParallelTest::lives);
        }
        assertThat(others).noneMatch(DataParallelTest::lives);
    }

    @Test
    void fewerImagesThanProcessesAreRefused() {
        Network network = plain(6);
        try (Trainer two = workers.share(trainer(network, new Initializer(8).initialize(network)))) {
            assertThatThrownBy(() -> two.trainStep(TestNetworks.images(network, 1, 1), TestNetworks.labels(network, 1)))
                    .hasMessageContaining("batch of 1 images for 2 processes");
        }
        assertThatThrownBy(() -> Workers.start(1, 1)).hasMessageContaining("1 processes");
    }

    private static double difference(ModelState one, ModelState other) {
        return one.parameters().keySet().stream()
                .mapToDouble(name -> {
                    float[] a = one.parameter(name).data();
                    float[] b = other.parameter(name).data();
                    return IntStream.range(0, a.length)
                            .mapToDouble(i -> Math.abs(a[i] - b[i]))
                            .max()
                            .orElse(0);
                })
                .max()
                .orElse(0);
    }

    private static boolean lives(long process) {
        return ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false);
    }

    private static void assertClose(ModelState actual, ModelState expected) {
        assertClose(actual.parameters(), expected.parameters());
        assertClose(actual.momentum(), expected.momentum());
    }

    private static void assertClose(Map<String, HostTensor> actual, Map<String, HostTensor> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, tensor) -> assertThat(actual)
                .as(name)
                .hasEntrySatisfying(
                        name,
                        found -> assertThat(found.data()).containsExactly(tensor.data(), within((float) ROUNDING))));
    }

    private static TorchTrainer trainer(Network network, ModelState state) {
        return trainer(network, state, Recipe.PLAIN, TensorFormat.DEFAULT);
    }

    private static TorchTrainer trainer(Network network, ModelState state, Recipe recipe, TensorFormat format) {
        return new TorchTrainer(
                TORCH,
                network,
                state,
                recipe,
                SGD,
                new MilestoneSchedule(0.05, List.of(), 1),
                0,
                System::nanoTime,
                format);
    }

    /** Two convolutions without batch norm, which would see a batch and not an image. */
    private static Network plain(int width) {
        return new Network(
                "plain",
                new Shape(3, 8, 8),
                4,
                List.of(
                        new Node("conv1", convolution(width), List.of(Network.INPUT)),
                        new Node("relu1", new Layer.Activation(ActivationKind.RELU), List.of("conv1")),
                        new Node("conv2", convolution(10), List.of("relu1")),
                        new Node("relu2", new Layer.Activation(ActivationKind.RELU), List.of("conv2")),
                        new Node("pool", new Layer.GlobalAveragePool(), List.of("relu2")),
                        new Node("flatten", new Layer.Flatten(), List.of("pool")),
                        new Node("fc", new Layer.Linear(4, true), List.of("flatten"))));
    }

    private static Layer convolution(int outputs) {
        return new Layer.Convolution(outputs, Extent.of(3), Extent.of(1), Extent.of(1), Extent.of(1), 1, true);
    }

    private static Dataset noise(Network network, int images) {
        byte[] pixels = new byte[images * network.input().elements()];
        new Random(2).nextBytes(pixels);
        int[] labels = new int[images];
        Arrays.setAll(labels, i -> i % network.classes());
        ImageSet set = new ImageSet(network.input(), pixels, labels);
        float[] half = {0.5f, 0.5f, 0.5f};
        return new Dataset("noise", network.classes(), new Normalisation(half, half, "a test"), true, set, set);
    }
}
