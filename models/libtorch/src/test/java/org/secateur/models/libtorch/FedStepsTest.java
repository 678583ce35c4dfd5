package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSource;
import org.secateur.models.core.data.LabelledImage;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.TensorFormat;

@Tag("native")
class FedStepsTest {
    private static final LibTorch TORCH = LibTorch.load(2);
    private static final Dataset SHAPES = Dataset.open("shapes:40");
    private static final Network NETWORK =
            Zoo.network("resnet8", Optional.of(SHAPES.shape()), OptionalInt.of(SHAPES.classes()));

    /** Every image of a launch is drawn within it, one by one or ahead by a thread of its own. */
    @Test
    void aLaunchDrawsTheImagesOfItsSteps() {
        for (boolean atHand : new boolean[] {true, false}) {
            AtomicInteger drawn = new AtomicInteger();
            Dataset counted = new Dataset(
                    SHAPES.name(),
                    SHAPES.classes(),
                    SHAPES.normalisation(),
                    SHAPES.flip(),
                    new Counted(SHAPES.train(), drawn, atHand),
                    SHAPES.test());
            try (FedSteps steps = FedSteps.real(TORCH, NETWORK, counted, 8, 5, 1, TensorFormat.DEFAULT)) {
                assertThat(drawn).hasValue(0);
                steps.launch();
                assertThat(drawn).hasValue(40);
                steps.launch();
                assertThat(drawn).hasValue(80);
            }
        }
    }

    @Test
    void oneBatchIsThereBeforehand() {
        try (FedSteps steps = FedSteps.synthetic(TORCH, NETWORK, 8, 3, 1, TensorFormat.DEFAULT)) {
            steps.launch();
        }
    }

    @Test
    void anEpochHasOnlySoManySteps() {
        assertThatThrownBy(() -> FedSteps.real(TORCH, NETWORK, SHAPES, 8, 6, 1, TensorFormat.DEFAULT))
                .hasMessageContaining("steps 6: expected 1 to the 5 of an epoch");
    }

    /** Images that are counted when they are drawn. */
    private record Counted(ImageSource images, AtomicInteger drawn, boolean atHand) implements ImageSource {
        @Override
        public int count() {
            return images.count();
        }

        @Override
        public LabelledImage image(int index) {
            drawn.incrementAndGet();
            return images.image(index);
        }

        @Override
        public Shape shape() {
            return images.shape();
        }
    }
}
