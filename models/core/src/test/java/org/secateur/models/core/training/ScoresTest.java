package org.secateur.models.core.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScoresTest {
    private static final int CLASSES = 9;

    /** Scores of few different values, so that many are equal: sorting keeps the order of equal ones. */
    @Test
    void theBestOneAndTheBestFiveAreTheFirstOfASortedList() {
        Random random = new Random(4);
        int images = 200;
        float[] scores = new float[images * CLASSES];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = random.nextInt(6) - 3;
        }
        for (int i = 0; i < images; i++) {
            int image = i;
            List<Integer> sorted = IntStream.range(0, CLASSES)
                    .boxed()
                    .sorted(Comparator.comparing(c -> -scores[image * CLASSES + c]))
                    .toList();
            assertThat(Scores.winner(scores, i, CLASSES)).isEqualTo(sorted.get(0));
            for (int c = 0; c < CLASSES; c++) {
                assertThat(Scores.isInFive(scores, i, CLASSES, c))
                        .as("class %d of image %d", c, i)
                        .isEqualTo(sorted.indexOf(c) < 5);
            }
        }
    }

    @Test
    void fiveClassesAreAllAmongFive() {
        float[] scores = {5, 4, 3, 2, 1};
        for (int c = 0; c < 5; c++) {
            assertThat(Scores.isInFive(scores, 0, 5, c)).isTrue();
        }
    }

    @Test
    void whatIsNoNumberIsNeverRight() {
        float[] scores = new float[CLASSES];
        java.util.Arrays.fill(scores, Float.NaN);
        for (int c = 0; c < CLASSES; c++) {
            assertThat(Scores.isInFive(scores, 0, CLASSES, c)).isFalse();
        }
    }
}
