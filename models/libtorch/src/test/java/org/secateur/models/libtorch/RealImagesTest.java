package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSet;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.EpochRecord;
import org.secateur.models.core.training.Evaluation;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.OneCycleSchedule;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;

@Tag("native")
class RealImagesTest {
    private static final int TRAINED = 6400;
    private static final int TESTED = 1000;
    private static final int BATCH = 64;

    /** Chance is 0.10; four of ten after 100 steps is far from it and far from what the network can do. */
    @Test
    void aSmallNetworkLearnsClothesInAHundredSteps() {
        Path directory = Path.of(System.getProperty("secateur.data", "no-data"), "fashion-mnist");
        assumeTrue(
                Files.isDirectory(directory),
                () -> "skipped: no Fashion-MNIST in " + directory + "; name its parent with -Dsecateur.data=DIR");
        Dataset whole = Dataset.open("fashion-mnist:" + directory);
        Dataset data = new Dataset(
                whole.name(),
                whole.classes(),
                whole.normalisation(),
                whole.flip(),
                first((ImageSet) whole.train(), TRAINED),
                first((ImageSet) whole.test(), TESTED));
        Network network = Zoo.network("resnet8", Optional.of(data.shape()), OptionalInt.of(10));
        LearningRateSchedule schedule = OneCycleSchedule.of(0.1, TRAINED / BATCH);
        try (TorchTrainer trainer = new TorchTrainer(
                LibTorch.load(1),
                network,
                new Initializer(1).initialize(network),
                new SgdStep(0.9, 5e-4),
                schedule,
                0,
                System::nanoTime,
                TensorFormat.DEFAULT)) {
            trainer.lambda(1e-5);
            Evaluation before = trainer.evaluate(Batches.test(data, 250));
            EpochRecord epoch = trainer.trainEpoch(Batches.training(data, BATCH, 1, 0));
            Evaluation after = trainer.evaluate(Batches.test(data, 250));
            assertThat(before.accuracy()).isLessThan(0.3);
            assertThat(epoch.steps()).isEqualTo(100);
            assertThat(after.accuracy()).isGreaterThan(0.4);
            assertThat(after.loss()).isLessThan(before.loss());
        }
    }

    private static ImageSet first(ImageSet images, int count) {
        return new ImageSet(
                images.shape(),
                Arrays.copyOf(images.pixels(), count * images.shape().elements()),
                Arrays.copyOf(images.labels(), count));
    }
}
