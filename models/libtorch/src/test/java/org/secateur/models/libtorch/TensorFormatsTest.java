package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/** The same training in every format of tensors. */
@Tag("native")
class TensorFormatsTest {
    private static final LibTorch TORCH = LibTorch.load(2);
    private static final TensorFormat CHANNELS_LAST = new TensorFormat(DataType.F32, Layout.NHWC);
    private static final int STEPS = 10;
    /** Pruned before this step. */
    private static final int SURGERY = 5;

    private static final int BATCH = 16;

    /** Losses and what is left of the network. */
    private record Trained(List<Double> losses, ModelState state) {}

    @ParameterizedTest
    @ValueSource(strings = {"resnet8", "vgg8", "everything"})
    void stepsBeforeAndAfterSurgeryAreTheSameWithChannelsLast(String name) {
        Network network = network(name);
        Trained expected = train(network, TensorFormat.DEFAULT);
        Trained actual = train(network, CHANNELS_LAST);
        for (int i = 0; i < STEPS; i++) {
            assertThat(actual.losses().get(i))
                    .as("loss of step %d", i)
                    .isCloseTo(expected.losses().get(i), withinPercentage(0.01));
        }
        expected.state().parameters().forEach((parameter, tensor) -> {
            HostTensor other = actual.state().parameter(parameter);
            assertThat(other.shape()).isEqualTo(tensor.shape());
            for (int i = 0; i < tensor.data().length; i++) {
                // Ten steps in single precision, whose roundings differ.
                assertThat(other.data()[i]).as("%s[%d]", parameter, i).isCloseTo(tensor.data()[i], within(2e-3f));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void numbersComeBackAsTheyWentIn(Layout layout) {
        Network network = TestNetworks.everything();
        ModelState trained;
        try (TorchTrainer trainer = trainer(network, TestNetworks.state(network, 7), TensorFormat.DEFAULT)) {
            trainer.trainStep(TestNetworks.images(network, BATCH, 1), TestNetworks.labels(network, BATCH));
            trained = trainer.state();
        }
        try (TorchTrainer trainer = trainer(network, trained, new TensorFormat(DataType.F32, layout))) {
            assertThat(trainer.state()).isEqualTo(trained);
            trainer.trainingLoss(TestNetworks.images(network, BATCH, 1), TestNetworks.labels(network, BATCH));
            assertThat(trainer.state())
                    .as("after a pass whose statistics were put back")
                    .isEqualTo(trained);
        }
    }

    /** Eight bits of mantissa: losses of the first steps agree to some percent. */
    @ParameterizedTest
    @EnumSource(Layout.class)
    void brainFloatLearnsAsSinglePrecisionDoes(Layout layout) {
        Network network = Zoo.network("resnet8", Optional.of(new Shape(3, 16, 16)), OptionalInt.of(4));
        List<Double> single = overfitted(network, TensorFormat.DEFAULT);
        List<Double> half = overfitted(network, new TensorFormat(DataType.BF16, layout));
        assertThat(half.getLast()).isLessThan(0.9 * half.getFirst());
        for (int i = 0; i < STEPS; i++) {
            assertThat(half.get(i)).as("loss of step %d", i).isCloseTo(single.get(i), within(0.2));
        }
        assertThat(half).isNotEqualTo(single);
    }

    @Test
    void everyLayerTakesAStepInBrainFloat() {
        Network network = TestNetworks.everything();
        ModelState state = TestNetworks.state(network, 7);
        float[] images = TestNetworks.images(network, BATCH, 1);
        long[] labels = TestNetworks.labels(network, BATCH);
        try (TorchTrainer single = trainer(network, state, TensorFormat.DEFAULT);
                TorchTrainer half = trainer(network, state, new TensorFormat(DataType.BF16, Layout.NHWC))) {
            half.lambda(1e-3);
            assertThat(half.trainStep(images, labels).loss())
                    .isCloseTo(single.trainStep(images, labels).loss(), within(0.2));
            assertThat(half.state().parameters()).isNotEqualTo(state.parameters());
        }
    }

    /** The losses of steps over one batch, which any network learns by heart. */
    private static List<Double> overfitted(Network network, TensorFormat format) {
        float[] images = TestNetworks.images(network, BATCH, 1);
        long[] labels = TestNetworks.labels(network, BATCH);
        List<Double> losses = new ArrayList<>();
        try (TorchTrainer trainer = trainer(network, new Initializer(3).initialize(network), format)) {
            for (int i = 0; i < STEPS; i++) {
                losses.add(trainer.trainStep(images, labels).loss());
            }
        }
        return losses;
    }

    private static Trained train(Network network, TensorFormat format) {
        List<Double> losses = new ArrayList<>();
        // So slow that roundings, which batch norms magnify where few pixels are left, do not grow from step to step.
        try (TorchTrainer trainer = trainer(network, new Initializer(3).initialize(network), format, 1e-3)) {
            trainer.lambda(1e-3);
            for (int i = 0; i < STEPS; i++) {
                if (i == SURGERY) {
                    Surgery.Shrunk shrunk = Surgery.shrink(network, trainer.state(), threeQuarters(network));
                    trainer.reconfigure(shrunk.network(), shrunk.state());
                }
                losses.add(
                        trainer.trainStep(TestNetworks.images(network, BATCH, i), TestNetworks.labels(network, BATCH))
                                .loss());
            }
            return new Trained(losses, trainer.state());
        }
    }

    /** Of every four channels the second goes. */
    private static Map<String, int[]> threeQuarters(Network network) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        Surgery.widths(network)
                .forEach((id, width) -> kept.put(
                        id, IntStream.range(0, width).filter(c -> c % 4 != 1).toArray()));
        return kept;
    }

    private static Network network(String name) {
        return name.equals("everything")
                ? TestNetworks.everything()
                : Zoo.network(name, Optional.of(new Shape(3, 32, 32)), OptionalInt.of(5));
    }

    private static TorchTrainer trainer(Network network, ModelState state, TensorFormat format) {
        return trainer(network, state, format, 0.01);
    }

    private static TorchTrainer trainer(Network network, ModelState state, TensorFormat format, double rate) {
        return new TorchTrainer(
                TORCH,
                network,
                state,
                new SgdStep(0.9, 5e-4),
                new MilestoneSchedule(rate, List.of(), 1),
                0,
                System::nanoTime,
                format);
    }
}
