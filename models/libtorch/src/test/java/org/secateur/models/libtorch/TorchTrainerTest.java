package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSet;
import org.secateur.models.core.data.Normalisation;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.training.EpochRecord;
import org.secateur.models.core.training.Evaluation;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.SecateurException;

@Tag("native")
class TorchTrainerTest {
    private static final LibTorch TORCH = LibTorch.load(2);
    private static final SgdStep SGD = new SgdStep(0.9, 5e-4);

    /** The layout of all tensors; another class has the other. */
    Layout layout() {
        return Layout.NCHW;
    }

    private TensorFormat format() {
        return new TensorFormat(DataType.F32, layout());
    }

    @Test
    void evaluationGivesTheLogitsOfThePlainReference() {
        Network network = TestNetworks.everything();
        ModelState state = TestNetworks.state(network, 3);
        float[] images = TestNetworks.images(network, 5, 4);
        double[] expected = new ReferenceNetwork(network, state).logits(images, false);
        try (TorchTrainer trainer = trainer(network, state, 0.1)) {
            assertClose(trainer.logits(images), expected, 1e-5);
            assertThat(trainer.state().buffers()).isEqualTo(state.buffers());
        }
    }

    @Test
    void trainingGivesTheLossOfThePlainReferenceAndLeavesEverythingAsItWas() {
        Network network = TestNetworks.everything();
        ModelState state = TestNetworks.state(network, 3);
        float[] images = TestNetworks.images(network, 6, 4);
        long[] labels = TestNetworks.labels(network, 6);
        try (TorchTrainer trainer = trainer(network, state, 0.1)) {
            double loss = trainer.trainingLoss(images, labels);
            assertThat(loss).isCloseTo(new ReferenceNetwork(network, state).loss(images, labels, true), within(1e-5));
            assertThat(trainer.state().buffers()).isEqualTo(state.buffers());
            assertThat(trainer.state().parameters()).isEqualTo(state.parameters());
            assertThat(trainer.trainStep(images, labels).loss()).isEqualTo(loss);
            assertThat(trainer.state().buffers()).isNotEqualTo(state.buffers());
        }
    }

    /** Differences of the double-precision reference; each parameter's largest error relative to its largest gradient. */
    @Test
    void gradientsAreThoseOfFiniteDifferences() {
        Network network = TestNetworks.everything();
        ModelState state = TestNetworks.state(network, 5);
        float[] images = TestNetworks.images(network, 4, 6);
        long[] labels = TestNetworks.labels(network, 4);
        Map<String, HostTensor> after;
        try (TorchTrainer trainer = new TorchTrainer(
                TORCH, network, state, new SgdStep(0, 0), constant(1), 0, System::nanoTime, format())) {
            trainer.trainStep(images, labels);
            // Without momentum and decay, the momentum after one step is the gradient.
            after = trainer.state().momentum();
        }
        ReferenceNetwork reference = new ReferenceNetwork(network, state);
        after.forEach((name, gradient) -> {
            double[] weights = reference.number(name);
            double most = 0;
            double error = 0;
            for (int i = 0; i < weights.length; i += 1 + weights.length / 25) {
                double weight = weights[i];
                weights[i] = weight + 1e-6;
                double above = reference.loss(images, labels, true);
                weights[i] = weight - 1e-6;
                double below = reference.loss(images, labels, true);
                weights[i] = weight;
                double expected = (above - below) / 2e-6;
                most = Math.max(most, Math.abs(expected));
                error = Math.max(error, Math.abs(gradient.data()[i] - expected));
            }
            assertThat(error).as(name).isLessThan(1e-4 * most + 1e-6);
        });
    }

    /** Softmax regression: everything about a step can be written down by hand. */
    @Test
    void stepsAreThoseOfAHandWrittenLoop() {
        Network network = new Network(
                "regression",
                new Shape(5, 1, 1),
                3,
                List.of(
                        new Node("flatten", new Layer.Flatten(), List.of(Network.INPUT)),
                        new Node("fc", new Layer.Linear(3, true), List.of("flatten"))));
        ModelState state = TestNetworks.state(network, 8);
        LearningRateSchedule schedule = new MilestoneSchedule(0.5, List.of(2L), 0.1);
        double[] w = new ReferenceNetwork(network, state).number("fc.weight");
        double[] b = new ReferenceNetwork(network, state).number("fc.bias");
        double[] vw = new double[15];
        double[] vb = new double[3];
        try (TorchTrainer trainer = new TorchTrainer(
                TORCH, network, state, new SgdStep(0.9, 0.01), schedule, 0, System::nanoTime, format())) {
            for (int step = 0; step < 5; step++) {
                float[] x = TestNetworks.images(network, 4, step);
                long[] labels = TestNetworks.labels(network, 4);
                trainer.trainStep(x, labels);
                double[] gw = new double[15];
                double[] gb = new double[3];
                for (int n = 0; n < 4; n++) {
                    double[] scores = new double[3];
                    double total = 0;
                    for (int k = 0; k < 3; k++) {
                        scores[k] = b[k];
                        for (int c = 0; c < 5; c++) {
                            scores[k] += w[k * 5 + c] * x[n * 5 + c];
                        }
                        total += Math.exp(scores[k]);
                    }
                    for (int k = 0; k < 3; k++) {
                        double g = (Math.exp(scores[k]) / total - (labels[n] == k ? 1 : 0)) / 4;
                        gb[k] += g;
                        for (int c = 0; c < 5; c++) {
                            gw[k * 5 + c] += g * x[n * 5 + c];
                        }
                    }
                }
                double rate = step < 2 ? 0.5 : 0.05;
                descend(w, gw, vw, rate);
                descend(b, gb, vb, rate);
            }
            ModelState after = trainer.state();
            assertClose(after.parameter("fc.weight").data(), w, 1e-6);
            assertClose(after.parameter("fc.bias").data(), b, 1e-6);
            assertClose(TestNetworks.momentum(after, "fc.weight"), vw, 1e-6);
            assertThat(trainer.step()).isEqualTo(5);
            assertThat(trainer.learningRate()).isCloseTo(0.05, within(1e-12));
        }
    }

    private static void descend(double[] weights, double[] gradients, double[] velocity, double rate) {
        for (int i = 0; i < weights.length; i++) {
            velocity[i] = 0.9 * velocity[i] + gradients[i] + 0.01 * weights[i];
            weights[i] -= rate * velocity[i];
        }
    }

    @Test
    void trainingGoesOnAfterReconfiguringWithItsMomentum() {
        Network network = TestNetworks.small(9, 10);
        try (TorchTrainer trainer = trainer(network, TestNetworks.state(network, 1), 0.05)) {
            trainer.lambda(1e-3);
            train(trainer, 3);
            ModelState shrunk = TestNetworks.keepFirst(trainer.state(), 4);
            Network smaller = TestNetworks.small(4, 10);
            trainer.reconfigure(smaller, shrunk);
            assertThat(trainer.state()).isEqualTo(shrunk);
            assertThat(TestNetworks.momentum(shrunk, "conv1.weight")).isNotEqualTo(new float[4 * 27]);
            assertThat(trainer.network()).isEqualTo(smaller);
            assertThat(trainer.step()).isEqualTo(3);
            assertThat(trainer.lambda()).isEqualTo(1e-3);
            train(trainer, 3);
            assertThat(trainer.step()).isEqualTo(6);
            assertThat(trainer.state().parameters()).isNotEqualTo(shrunk.parameters());
        }
    }

    @Test
    void reconfiguringToTheSameNetworkChangesNoBit() {
        Network network = TestNetworks.small(9, 10);
        List<ModelState> ends = new ArrayList<>();
        for (boolean surgery : new boolean[] {false, true}) {
            try (TorchTrainer trainer = trainer(network, TestNetworks.state(network, 1), 0.05)) {
                train(trainer, 3);
                if (surgery) {
                    trainer.reconfigure(network, trainer.state());
                }
                train(trainer, 3);
                ends.add(trainer.state());
            }
        }
        assertThat(ends.get(1)).isEqualTo(ends.get(0));
    }

    @Test
    void aStateThatDoesNotFitLeavesTheTrainerAsItWas() {
        Network network = TestNetworks.small(9, 10);
        try (TorchTrainer trainer = trainer(network, TestNetworks.state(network, 1), 0.05)) {
            assertThatThrownBy(() -> trainer.reconfigure(TestNetworks.small(4, 10), trainer.state()))
                    .isInstanceOf(IllegalArgumentException.class);
            train(trainer, 1);
        }
    }

    @Test
    void aLossThatIsNoNumberStopsTraining() {
        Network network = TestNetworks.small(4, 4);
        ModelState state = TestNetworks.state(network, 1);
        float[] images = TestNetworks.images(network, 8, 1);
        images[5] = Float.NaN;
        try (TorchTrainer trainer = trainer(network, state, 0.1)) {
            assertThatThrownBy(() -> trainer.trainStep(images, TestNetworks.labels(network, 8)))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("diverged")
                    .hasMessageContaining("learning rate 0.1");
            assertThat(trainer.state().parameters()).isEqualTo(state.parameters());
        }
    }

    @Test
    void nothingStaysAliveInLibtorchOverManySteps() {
        Network network = TestNetworks.everything();
        Dataset data = dataset(network, 24);
        long before = Pointer.totalCount();
        try (TorchTrainer trainer = trainer(network, TestNetworks.state(network, 1), 1e-3)) {
            trainer.lambda(1e-4);
            trainer.trainEpoch(Batches.training(data, 8, 1, 0));
            trainer.evaluate(Batches.test(data, 10));
            long live = Pointer.totalCount();
            for (int epoch = 1; epoch < 5; epoch++) {
                trainer.trainEpoch(Batches.training(data, 8, 1, epoch));
                trainer.evaluate(Batches.test(data, 10));
                trainer.groupLasso();
                trainer.reconfigure(network, trainer.state());
            }
            assertThat(Pointer.totalCount()).isEqualTo(live);
        }
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }

    @Test
    void anEpochSaysWhereItsTimeWent() {
        Network network = TestNetworks.small(4, 4);
        AtomicLong nanos = new AtomicLong();
        try (TorchTrainer trainer = new TorchTrainer(
                TORCH,
                network,
                TestNetworks.state(network, 1),
                SGD,
                constant(0.01),
                0,
                () -> nanos.addAndGet(1_000_000),
                format())) {
            trainer.lambda(1e-4);
            EpochRecord epoch = trainer.trainEpoch(Batches.training(dataset(network, 24), 8, 1, 0));
            assertThat(epoch.steps()).isEqualTo(3);
            assertThat(epoch.images()).isEqualTo(24);
            // Of this clock each reading takes a millisecond, so the parts can be counted.
            assertThat(epoch.dataSeconds()).isCloseTo(3 * 0.001, within(1e-9));
            assertThat(epoch.regulariserSeconds()).isCloseTo(3 * 0.001, within(1e-9));
            double total = java.util.Arrays.stream(epoch.secondsOfSteps()).sum();
            assertThat(total).isCloseTo(epoch.stepSeconds() + epoch.regulariserSeconds(), within(1e-9));
            assertThat(epoch.seconds()).isCloseTo(total + epoch.dataSeconds(), within(1e-9));
            // Nine nodes, the last view, loss with backward, and the optimizer: twelve calls of a millisecond each.
            assertThat(epoch.librarySeconds()).isCloseTo(3 * 0.012, within(1e-9));
            assertThat(epoch.loopOverhead()).isBetween(0.0, 1.0);
        }
    }

    @Test
    void evaluationCountsEveryImageOnceInOrder() {
        Network network = TestNetworks.small(4, 4);
        Dataset data = dataset(network, 24);
        try (TorchTrainer trainer = trainer(network, TestNetworks.state(network, 1), 0.01)) {
            Evaluation whole = trainer.evaluate(Batches.test(data, 24));
            Evaluation pieces = trainer.evaluate(Batches.test(data, 7));
            assertThat(pieces.images()).isEqualTo(24);
            assertThat(pieces.right()).isEqualTo(whole.right());
            assertThat(pieces.loss()).isCloseTo(whole.loss(), within(1e-5));
            float[] images = new float[24 * network.input().elements()];
            long[] labels = new long[24];
            Batches.test(data, 24).fill(0, images, labels);
            double[] logits = new ReferenceNetwork(network, trainer.state()).logits(images, false);
            for (int i = 0; i < 24; i++) {
                int best = 0;
                for (int c = 1; c < 4; c++) {
                    best = logits[i * 4 + c] > logits[i * 4 + best] ? c : best;
                }
                assertThat(whole.right().get(i)).as("image " + i).isEqualTo(best == labels[i]);
            }
            assertThat(whole.correct()).isEqualTo(whole.right().cardinality()).isPositive();
        }
    }

    @Test
    void ofManyClassesTheBestFiveAreCountedToo() {
        Network network = new Network(
                "regression",
                new Shape(3, 2, 2),
                9,
                List.of(
                        new Node("flatten", new Layer.Flatten(), List.of(Network.INPUT)),
                        new Node("fc", new Layer.Linear(9, true), List.of("flatten"))));
        ModelState state = TestNetworks.state(network, 6);
        Dataset data = dataset(network, 30);
        float[] images = new float[30 * 12];
        long[] labels = new long[30];
        Batches.test(data, 30).fill(0, images, labels);
        double[] logits = new ReferenceNetwork(network, state).logits(images, false);
        int expected = 0;
        for (int i = 0; i < 30; i++) {
            double own = logits[i * 9 + (int) labels[i]];
            long higher = java.util.Arrays.stream(logits, i * 9, i * 9 + 9)
                    .filter(score -> score > own)
                    .count();
            expected += higher < 5 ? 1 : 0;
        }
        try (TorchTrainer trainer = trainer(network, state, 0.01)) {
            Evaluation evaluation = trainer.evaluate(Batches.test(data, 7));
            assertThat(evaluation.inFive()).isEqualTo(expected);
            assertThat(evaluation.inFive()).isStrictlyBetween(evaluation.correct(), 30);
        }
    }

    @Test
    void nonsenseIsRefused() {
        Network network = TestNetworks.small(4, 4);
        try (TorchTrainer trainer = trainer(network, TestNetworks.state(network, 1), 0.01)) {
            assertThatThrownBy(() -> trainer.lambda(-1)).hasMessageContaining("-1");
            assertThatThrownBy(() -> trainer.trainStep(new float[10], new long[2]))
                    .hasMessageContaining("10 floats");
            assertThatThrownBy(() -> trainer.trainStep(new float[10], new long[0]))
                    .hasMessageContaining("batch of 0");
        }
    }

    private static Dataset dataset(Network network, int images) {
        byte[] pixels = new byte[images * network.input().elements()];
        new java.util.Random(2).nextBytes(pixels);
        int[] labels = new int[images];
        java.util.Arrays.setAll(labels, i -> i % network.classes());
        ImageSet set = new ImageSet(network.input(), pixels, labels);
        float[] half = {0.5f, 0.5f, 0.5f};
        return new Dataset("noise", network.classes(), new Normalisation(half, half, "a test"), true, set, set);
    }

    private static void train(TorchTrainer trainer, int steps) {
        for (int i = 0; i < steps; i++) {
            float[] images = TestNetworks.images(trainer.network(), 8, trainer.step());
            trainer.trainStep(images, TestNetworks.labels(trainer.network(), 8));
        }
    }

    private TorchTrainer trainer(Network network, ModelState state, double rate) {
        return new TorchTrainer(TORCH, network, state, SGD, constant(rate), 0, System::nanoTime, format());
    }

    private static LearningRateSchedule constant(double rate) {
        return new MilestoneSchedule(rate, List.of(), 1);
    }

    private static void assertClose(float[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 1;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(tolerance * largest));
        }
    }
}
