package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSet;
import org.secateur.models.core.data.Normalisation;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.Distillation;
import org.secateur.models.core.training.EpochRecord;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.models.core.training.Recipe;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.SecateurException;

/** Label smoothing, distillation and clipping, each against its definition in plain doubles. */
@Tag("native")
class TorchRecipeTest {
    private static final LibTorch TORCH = LibTorch.load(2);
    private static final Network NETWORK = TestNetworks.small(5, 6);
    private static final ModelState STATE = TestNetworks.state(NETWORK, 3);
    private static final Network TEACHER = TestNetworks.small(7, 9);
    private static final ModelState TAUGHT = TestNetworks.state(TEACHER, 21);
    private static final int BATCH = 6;
    private static final float[] IMAGES = TestNetworks.images(NETWORK, BATCH, 4);
    private static final long[] LABELS = TestNetworks.labels(NETWORK, BATCH);
    /** With which the momentum after one step is the gradient. */
    private static final SgdStep BARE = new SgdStep(0, 0);

    @ParameterizedTest
    @CsvSource({"0.1, 0, 0", "0, 4, 0.9", "0.2, 0.5, 0.3", "0, 2, 1"})
    void theLossIsThatOfTheDefinition(double smoothing, double temperature, double weight) {
        Recipe recipe = recipe(smoothing, temperature, weight);
        try (TorchTrainer trainer = trainer(recipe, BARE)) {
            double loss = trainer.trainingLoss(IMAGES, LABELS);
            assertThat(loss).isCloseTo(loss(recipe, new ReferenceNetwork(NETWORK, STATE)), within(1e-5 * loss));
            assertThat(trainer.trainStep(IMAGES, LABELS).loss()).isEqualTo(loss);
        }
    }

    /** Differences of the definition; each parameter's largest error relative to its largest gradient. */
    @ParameterizedTest
    @CsvSource({"0.1, 0, 0", "0.2, 3, 0.6"})
    void theGradientIsThatOfFiniteDifferences(double smoothing, double temperature, double weight) {
        Recipe recipe = recipe(smoothing, temperature, weight);
        Map<String, HostTensor> gradients;
        try (TorchTrainer trainer = trainer(recipe, BARE)) {
            trainer.trainStep(IMAGES, LABELS);
            gradients = trainer.state().momentum();
        }
        ReferenceNetwork reference = new ReferenceNetwork(NETWORK, STATE);
        gradients.forEach((name, gradient) -> {
            double[] weights = reference.number(name);
            double most = 0;
            double error = 0;
            for (int i = 0; i < weights.length; i += 1 + weights.length / 20) {
                double held = weights[i];
                weights[i] = held + 1e-6;
                double above = loss(recipe, reference);
                weights[i] = held - 1e-6;
                double below = loss(recipe, reference);
                weights[i] = held;
                double expected = (above - below) / 2e-6;
                most = Math.max(most, Math.abs(expected));
                error = Math.max(error, Math.abs(gradient.data()[i] - expected));
            }
            assertThat(error).as(name).isLessThan(1e-4 * most + 1e-6);
        });
    }

    /** Its statistics stay as they were, and so do its answers. */
    @Test
    void theTeacherLearnsNothing() {
        Recipe recipe = recipe(0, 4, 0.9);
        try (TorchTrainer trainer = trainer(recipe, new SgdStep(0.9, 5e-4))) {
            for (int i = 0; i < 3; i++) {
                trainer.trainStep(TestNetworks.images(NETWORK, BATCH, i), LABELS);
            }
            double loss = trainer.trainingLoss(IMAGES, LABELS);
            ReferenceNetwork trained = new ReferenceNetwork(NETWORK, trainer.state());
            assertThat(loss).isCloseTo(loss(recipe, trained), within(1e-4 * loss));
        }
    }

    @Test
    void aTeacherThatAgreesTeachesNothing() {
        Network network = TestNetworks.small(4, 4);
        ModelState state = TestNetworks.state(network, 2);
        state.buffers().forEach((name, tensor) -> Arrays.fill(tensor.data(), name.endsWith("mean") ? 0 : 1));
        for (String norm : List.of("bn1", "bn2")) { // constant channels, whichever statistics they are normalised by
            Arrays.fill(state.parameter(norm + ".weight").data(), 0);
        }
        Recipe recipe = new Recipe(0, OptionalDouble.empty(), Optional.of(new Distillation(network, state, 4, 1)));
        try (TorchTrainer trainer = trainer(network, state, recipe, BARE)) {
            assertThat(trainer.trainStep(IMAGES, LABELS).loss()).isCloseTo(0, within(1e-5));
            trainer.state().momentum().forEach((name, gradient) -> {
                for (float value : gradient.data()) {
                    assertThat(value).as(name).isCloseTo(0, within(1e-5f));
                }
            });
        }
    }

    /** The group lasso is the greater part of this gradient; weight decay is no part of it. */
    @Test
    void aLongGradientIsScaledToTheLimitAndAShortOneIsLeft() {
        double lambda = 5;
        double[] free = gradient(Recipe.PLAIN, BARE, lambda);
        double norm = norm(free);
        assertThat(norm).isGreaterThan(2 * norm(gradient(Recipe.PLAIN, BARE, 0)));
        double[] clipped = gradient(clipping(norm / 3), BARE, lambda);
        assertThat(norm(clipped)).isCloseTo(norm / 3, within(1e-5 * norm));
        double[] decayed = gradient(clipping(norm / 3), new SgdStep(0, 0.01), lambda);
        double[] weights = flat(STATE.parameters());
        for (int i = 0; i < free.length; i++) {
            assertThat(clipped[i]).isCloseTo(free[i] / 3, within(1e-6 * norm));
            assertThat(decayed[i]).isCloseTo(clipped[i] + 0.01 * weights[i], within(1e-6 * norm));
        }
        assertThat(gradient(clipping(1.001 * norm), BARE, lambda)).isEqualTo(free);
    }

    @Test
    void anEpochTellsTheTeachersTimeApart() {
        AtomicLong nanos = new AtomicLong();
        try (TorchTrainer trainer = new TorchTrainer(
                TORCH,
                NETWORK,
                STATE,
                new Recipe(0.1, OptionalDouble.of(1), Optional.of(new Distillation(TEACHER, TAUGHT, 4, 0.9))),
                BARE,
                new MilestoneSchedule(0.01, List.of(), 1),
                0,
                () -> nanos.addAndGet(1_000_000),
                TensorFormat.DEFAULT)) {
            trainer.lambda(1e-4);
            EpochRecord epoch = trainer.trainEpoch(Batches.training(dataset(24), 8, 1, 0));
            // Each reading of this clock takes a millisecond: two around each of nine nodes and the last view, and one.
            assertThat(epoch.teacherSeconds()).isCloseTo(3 * 0.021, within(1e-9));
            assertThat(epoch.regulariserSeconds()).isCloseTo(3 * 0.001, within(1e-9));
            assertThat(epoch.librarySeconds()).isCloseTo(3 * 0.012, within(1e-9));
            double total = Arrays.stream(epoch.secondsOfSteps()).sum();
            assertThat(epoch.stepSeconds() + epoch.regulariserSeconds() + epoch.teacherSeconds())
                    .isCloseTo(total, within(1e-9));
            assertThat(epoch.seconds()).isCloseTo(total + epoch.dataSeconds(), within(1e-9));
        }
    }

    @Test
    void nothingStaysAliveInLibtorch() {
        Dataset data = dataset(24);
        long before = Pointer.totalCount();
        Recipe recipe =
                new Recipe(0.1, OptionalDouble.of(1e-3), Optional.of(new Distillation(TEACHER, TAUGHT, 4, 0.9)));
        try (TorchTrainer trainer = trainer(recipe, new SgdStep(0.9, 5e-4))) {
            trainer.trainEpoch(Batches.training(data, 8, 1, 0));
            trainer.trainingLoss(IMAGES, LABELS);
            long live = Pointer.totalCount();
            for (int epoch = 1; epoch < 4; epoch++) {
                trainer.trainEpoch(Batches.training(data, 8, 1, epoch));
                trainer.trainingLoss(IMAGES, LABELS);
            }
            assertThat(Pointer.totalCount()).isEqualTo(live);
        }
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }

    @Test
    void aNetworkOfOtherClassesIsNotTaught() {
        Network everything = TestNetworks.everything();
        assertThatThrownBy(() -> trainer(everything, TestNetworks.state(everything, 1), recipe(0, 4, 0.9), BARE)
                        .close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("teacher small");
    }

    /** The mean loss of the batch by the definitions, in training mode with a teacher in evaluation mode. */
    private static double loss(Recipe recipe, ReferenceNetwork network) {
        int classes = NETWORK.classes();
        double[] logits = network.logits(IMAGES, true);
        double[] teacher = new ReferenceNetwork(TEACHER, TAUGHT).logits(IMAGES, false);
        double sum = 0;
        for (int i = 0; i < BATCH; i++) {
            double[] p = probabilities(logits, i, 1);
            double labelled = 0;
            for (int k = 0; k < classes; k++) {
                double target = recipe.labelSmoothing() / classes + (LABELS[i] == k ? 1 - recipe.labelSmoothing() : 0);
                labelled -= target * Math.log(p[k]);
            }
            if (recipe.distillation().isPresent()) {
                Distillation d = recipe.distillation().get();
                double[] own = probabilities(logits, i, d.temperature());
                double[] wanted = probabilities(teacher, i, d.temperature());
                double divergence = 0;
                for (int k = 0; k < classes; k++) {
                    divergence += wanted[k] * Math.log(wanted[k] / own[k]);
                }
                sum += (1 - d.weight()) * labelled + d.weight() * d.temperature() * d.temperature() * divergence;
            } else {
                sum += labelled;
            }
        }
        return sum / BATCH;
    }

    private static double[] probabilities(double[] logits, int image, double temperature) {
        int classes = NETWORK.classes();
        double[] powers = new double[classes];
        Arrays.setAll(powers, k -> Math.exp(logits[image * classes + k] / temperature));
        double total = Arrays.stream(powers).sum();
        return Arrays.stream(powers).map(power -> power / total).toArray();
    }

    /** Without a teacher where the weight is 0. */
    private static Recipe recipe(double smoothing, double temperature, double weight) {
        return new Recipe(
                smoothing,
                OptionalDouble.empty(),
                weight == 0 ? Optional.empty() : Optional.of(new Distillation(TEACHER, TAUGHT, temperature, weight)));
    }

    private static Recipe clipping(double norm) {
        return new Recipe(0, OptionalDouble.of(norm), Optional.empty());
    }

    /** The lasso's part is as long as a float can be, so that their sum of squares is more. */
    @Test
    void aGradientWhoseLengthIsNoNumberEndsTheTrainingAndLeavesTheWeights() {
        try (TorchTrainer trainer = trainer(clipping(1), BARE)) {
            trainer.lambda(1e38);
            assertThatThrownBy(() -> trainer.trainStep(IMAGES, LABELS))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("training diverged: the gradient's norm is");
            assertThat(flat(trainer.state().parameters())).isEqualTo(flat(STATE.parameters()));
        }
    }

    /** The momentum after one step. */
    private static double[] gradient(Recipe recipe, SgdStep sgd, double lambda) {
        try (TorchTrainer trainer = trainer(recipe, sgd)) {
            trainer.lambda(lambda);
            trainer.trainStep(IMAGES, LABELS);
            return flat(trainer.state().momentum());
        }
    }

    private static double[] flat(Map<String, HostTensor> tensors) {
        return STATE.parameters().keySet().stream()
                .map(name -> Objects.requireNonNull(tensors.get(name)).data())
                .flatMapToDouble(data -> IntStream.range(0, data.length).mapToDouble(i -> data[i]))
                .toArray();
    }

    private static double norm(double[] vector) {
        return Math.sqrt(Arrays.stream(vector).map(x -> x * x).sum());
    }

    private static TorchTrainer trainer(Recipe recipe, SgdStep sgd) {
        return trainer(NETWORK, STATE, recipe, sgd);
    }

    private static TorchTrainer trainer(Network network, ModelState state, Recipe recipe, SgdStep sgd) {
        return new TorchTrainer(
                TORCH,
                network,
                state,
                recipe,
                sgd,
                new MilestoneSchedule(0.01, List.of(), 1),
                0,
                System::nanoTime,
                TensorFormat.DEFAULT);
    }

    private static Dataset dataset(int images) {
        byte[] pixels = new byte[images * NETWORK.input().elements()];
        new java.util.Random(2).nextBytes(pixels);
        int[] labels = new int[images];
        Arrays.setAll(labels, i -> i % NETWORK.classes());
        ImageSet set = new ImageSet(NETWORK.input(), pixels, labels);
        float[] half = {0.5f, 0.5f, 0.5f};
        return new Dataset("noise", NETWORK.classes(), new Normalisation(half, half, "a test"), true, set, set);
    }
}
