package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;

@Tag("native")
class PlainStepTest {
    private static final LibTorch TORCH = LibTorch.load(2);
    private static final int BATCH = 4;
    /** The rate changes the losses by some percent from step to step. */
    private static final double RATE = 0.01;

    /** Forward, backward, momentum and weight decay are those of the engine: float32 rounding in another order. */
    @ParameterizedTest
    @CsvSource({"resnet20, 32", "vgg11, 32", "resnet18, 64"})
    void itTrainsAsTheEngineDoes(String name, int side) {
        Network network = Zoo.network(name, Optional.of(new Shape(3, side, side)), OptionalInt.of(7));
        ModelState state = TestNetworks.state(network, 3);
        float[] images = TestNetworks.images(network, BATCH, 1);
        long[] labels = TestNetworks.labels(network, BATCH);
        double first = 0;
        double last = 0;
        try (PlainStep plain = new PlainStep(TORCH, network, state, RATE, 1, 1);
                TorchTrainer trainer = new TorchTrainer(
                        TORCH,
                        network,
                        state,
                        new SgdStep(0.9, 5e-4),
                        new MilestoneSchedule(RATE, List.of(), 1),
                        0,
                        System::nanoTime,
                        TensorFormat.DEFAULT);
                PointerScope scope = new PointerScope()) {
            Tensor pixels = HostTensors.of(images, BATCH, 3, side, side);
            Tensor classes = Tensor.create(labels, BATCH);
            for (int i = 0; i < 4; i++) {
                last = plain.step(pixels, classes);
                first = i == 0 ? last : first;
                assertThat(last)
                        .as("loss of step %d", i)
                        .isCloseTo(trainer.trainStep(images, labels).loss(), withinPercentage(0.5));
            }
            plain.launch();
            assertThat(scope).isNotNull();
        }
        assertThat(Math.abs(last - first)).as("it learns").isGreaterThan(0.02 * first);
    }

    @Test
    void whatIsNotWrittenDownIsRefused() {
        assertThatThrownBy(() -> new PlainStep(TORCH, Zoo.network("resnet8"), 1, 1))
                .hasMessageContaining("resnet8");
    }
}
