package org.secateur.models.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class ShapesDataTest {
    @Test
    void theSameBytesAreDrawnOnEveryMachine() {
        CRC32 crc = new CRC32();
        crc.update(ShapesData.draw(200, 1).pixels());

        assertThat(Long.toHexString(crc.getValue())).isEqualTo("de42107f");
    }

    @Test
    void anImageDoesNotDependOnHowManyAreDrawn() {
        byte[] few = ShapesData.draw(5, 1).pixels();
        byte[] many = ShapesData.draw(50, 1).pixels();

        assertThat(few).isEqualTo(Arrays.copyOf(many, few.length));
    }

    @Test
    void everyClassIsEquallyFrequent() {
        Dataset data = ShapesData.dataset(1000, 500);

        assertThat(frequencies(data.train())).containsOnly(100);
        assertThat(frequencies(data.test())).containsOnly(50);
    }

    @Test
    void noTestImageIsATrainingImage() {
        Dataset data = ShapesData.dataset(1000, 1000);
        Set<ByteBuffer> seen = new HashSet<>();
        for (ImageSet set : new ImageSet[] {(ImageSet) data.train(), (ImageSet) data.test()}) {
            for (int i = 0; i < set.count(); i++) {
                assertThat(seen.add(ByteBuffer.wrap(set.pixels(), i * 3072, 3072)))
                        .isTrue();
            }
        }
    }

    @Test
    void aLinearClassifierDoesNotSolveIt() {
        Dataset data = ShapesData.dataset(1500, 500);

        double accuracy = linearAccuracy(data, 3, 0.003f);

        // Chance is 0.1; the requirement is below 0.6, and a drawing that leaks its class would far exceed 0.35.
        assertThat(accuracy).isBetween(0.05, 0.35);
    }

    @Test
    void aLinearClassifierIsAbleToSolveAnEasierSet() {
        Dataset data = ShapesData.dataset(1500, 500);
        leakTheClass((ImageSet) data.train());
        leakTheClass((ImageSet) data.test());

        assertThat(linearAccuracy(data, 3, 0.003f)).isGreaterThan(0.6);
    }

    @Test
    void noImagesAtAllAreRefused() {
        assertThatThrownBy(() -> ShapesData.draw(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 images");
    }

    private static int[] frequencies(ImageSource images) {
        int[] frequencies = new int[10];
        for (int i = 0; i < images.count(); i++) {
            frequencies[images.image(i).label()]++;
        }
        return frequencies;
    }

    /** Paints one pixel row of a place that tells the class. */
    private static void leakTheClass(ImageSet set) {
        for (int i = 0; i < set.count(); i++) {
            Arrays.fill(set.pixels(), i * 3072, i * 3072 + 320, (byte) 0);
            int row = i * 3072 + 32 * set.labels()[i];
            Arrays.fill(set.pixels(), row, row + 32, (byte) 255);
        }
    }

    /** Softmax regression on raw pixels by stochastic gradient descent; the accuracy on the test images. */
    private static double linearAccuracy(Dataset data, int epochs, float rate) {
        int inputs = data.shape().elements();
        float[][] weights = new float[10][inputs];
        float[] images = new float[10 * inputs];
        long[] labels = new long[10];
        for (int epoch = 0; epoch < epochs; epoch++) {
            Batches batches = Batches.unaugmented(data, 10, 1, epoch);
            for (int b = 0; b < batches.count(); b++) {
                batches.fill(b, images, labels);
                for (int i = 0; i < 10; i++) {
                    double[] errors = probabilities(weights, images, i * inputs);
                    errors[(int) labels[i]] -= 1;
                    for (int k = 0; k < 10; k++) {
                        float step = (float) (rate / 10 * errors[k]);
                        for (int p = 0; p < inputs; p++) {
                            weights[k][p] -= step * images[i * inputs + p];
                        }
                    }
                }
            }
        }
        Batches test = Batches.test(data, 10);
        int right = 0;
        for (int b = 0; b < test.count(); b++) {
            int n = test.fill(b, images, labels);
            for (int i = 0; i < n; i++) {
                double[] probabilities = probabilities(weights, images, i * inputs);
                int best = 0;
                for (int k = 1; k < 10; k++) {
                    best = probabilities[k] > probabilities[best] ? k : best;
                }
                right += best == labels[i] ? 1 : 0;
            }
        }
        return (double) right / data.test().count();
    }

    private static double[] probabilities(float[][] weights, float[] images, int start) {
        double[] values = new double[10];
        for (int k = 0; k < 10; k++) {
            float sum = 0;
            for (int p = 0; p < weights[k].length; p++) {
                sum += weights[k][p] * images[start + p];
            }
            values[k] = sum;
        }
        double highest = Arrays.stream(values).max().orElseThrow();
        double total = 0;
        for (int k = 0; k < 10; k++) {
            values[k] = Math.exp(values[k] - highest);
            total += values[k];
        }
        for (int k = 0; k < 10; k++) {
            values[k] /= total;
        }
        return values;
    }
}
