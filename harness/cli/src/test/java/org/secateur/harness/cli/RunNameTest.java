package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.secateur.harness.loop.RunSettings;
import org.secateur.harness.loop.TrainingSettings;
import org.secateur.harness.loop.TrainingSettings.ScheduleKind;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSet;
import org.secateur.models.core.data.Normalisation;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;

/** A run's directory is named after all that decides its outcome, so that no other run continues it. */
final class RunNameTest {
    private static final Shape SHAPE = new Shape(1, 2, 2);

    private static ImageSet images(int pixel, int label) {
        return new ImageSet(SHAPE, new byte[] {1, 2, 3, (byte) pixel}, new int[] {label});
    }

    private static Dataset data(ImageSet train, ImageSet test) {
        Normalisation normalisation = new Normalisation(new float[] {0.5f}, new float[] {0.3f}, "chosen");
        return new Dataset("dots", 2, normalisation, false, train, test);
    }

    private static RunSettings settings(int epochTestImages, int finalPairs) {
        return new RunSettings(
                Zoo.network("resnet8"),
                new TrainingSettings(2, 4, 0.1, 0.9, 5e-4, ScheduleKind.ONE_CYCLE, 1),
                Optional.empty(),
                true,
                1,
                epochTestImages,
                finalPairs);
    }

    private static String name(RunSettings settings, Dataset data) {
        return RunExecution.name("train", settings, data, "", Optional.empty(), Optional.empty(), "device");
    }

    private static String name(Dataset data) {
        return name(settings(1000, 12), data);
    }

    @Test
    void theSameImagesContinue() {
        String name = name(data(images(4, 0), images(5, 1)));
        assertThat(name).startsWith("train-resnet8-dots-");
        assertThat(name(data(images(4, 0), images(5, 1)))).isEqualTo(name);
    }

    @Test
    void otherImagesOfTheSameNameAndNumberAreAnotherRun() {
        assertThat(List.of(
                        name(data(images(4, 0), images(5, 1))),
                        name(data(images(9, 0), images(5, 1))),
                        name(data(images(4, 1), images(5, 1))),
                        name(data(images(4, 0), images(9, 1))),
                        name(data(images(4, 0), images(5, 0)))))
                .doesNotHaveDuplicates();
    }

    @Test
    void howMuchIsEvaluatedAndComparedCountsToo() {
        Dataset data = data(images(4, 0), images(5, 1));
        assertThat(List.of(
                        name(settings(1000, 12), data), name(settings(2000, 12), data), name(settings(1000, 20), data)))
                .doesNotHaveDuplicates();
    }
}
