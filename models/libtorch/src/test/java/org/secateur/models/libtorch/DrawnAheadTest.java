package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSet;
import org.secateur.models.core.data.ImageSource;
import org.secateur.models.core.data.LabelledImage;
import org.secateur.models.core.data.Normalisation;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.training.Evaluation;
import org.secateur.models.core.training.OneCycleSchedule;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.SecateurException;

/** Training on images that another thread draws. */
@Tag("native")
class DrawnAheadTest {
    private static final Shape SHAPE = new Shape(3, 8, 8);
    private static final Network NETWORK = Zoo.network("resnet8", Optional.of(SHAPE), OptionalInt.of(4));

    /** Images in memory that claim to take work, one of which may be damaged. */
    private record Slow(ImageSet images, int damaged) implements ImageSource {
        @Override
        public int count() {
            return images.count();
        }

        @Override
        public LabelledImage image(int index) {
            if (index == damaged) {
                throw SecateurException.badInput("the image is damaged", index + ".png", "fetch it again");
            }
            return images.image(index);
        }

        @Override
        public Shape shape() {
            return SHAPE;
        }
    }

    @Test
    void trainsToTheSameBitsAsOnImagesInMemory() {
        Trained inMemory = trained(data(images()));
        Trained ahead = trained(data(new Slow(images(), -1)));

        assertThat(ahead.state()).isEqualTo(inMemory.state());
        assertThat(ahead.evaluation().right()).isEqualTo(inMemory.evaluation().right());
        assertThat(ahead.evaluation().loss()).isEqualTo(inMemory.evaluation().loss());
    }

    @Test
    void aDamagedImageEndsAnEpochByItsName() {
        try (TorchTrainer trainer = trainer()) {
            Batches pass = Batches.training(data(new Slow(images(), 40)), 16, 1, 0);
            assertThatThrownBy(() -> trainer.trainEpoch(pass))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("40.png");
            assertThat(trainer.trainEpoch(Batches.training(data(images()), 16, 1, 0))
                            .steps())
                    .isEqualTo(4);
        }
    }

    private record Trained(ModelState state, Evaluation evaluation) {}

    private static Trained trained(Dataset data) {
        try (TorchTrainer trainer = trainer()) {
            for (int epoch = 0; epoch < 2; epoch++) {
                trainer.trainEpoch(Batches.training(data, 16, 1, epoch));
            }
            return new Trained(trainer.state(), trainer.evaluate(Batches.test(data, 24)));
        }
    }

    private static TorchTrainer trainer() {
        return new TorchTrainer(
                LibTorch.load(1),
                NETWORK,
                new Initializer(1).initialize(NETWORK),
                new SgdStep(0.9, 5e-4),
                OneCycleSchedule.of(0.1, 8),
                0,
                System::nanoTime,
                TensorFormat.DEFAULT);
    }

    private static Dataset data(ImageSource images) {
        float[] half = {0.5f, 0.5f, 0.5f};
        return new Dataset("noise", 4, new Normalisation(half, half, "a test"), true, images, images);
    }

    private static ImageSet images() {
        byte[] pixels = new byte[64 * SHAPE.elements()];
        new Random(5).nextBytes(pixels);
        int[] labels = new int[64];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i % 4;
        }
        return new ImageSet(SHAPE, pixels, labels);
    }
}
