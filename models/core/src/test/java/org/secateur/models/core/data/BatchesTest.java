package org.secateur.models.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.Shape;

class BatchesTest {
    private static final Shape SHAPE = new Shape(2, 5, 6);
    /** Every byte 1 to 120 once, so that a place can be told by its value; black is 0. */
    private static final Dataset DATA = numbered(2, false);

    @Test
    void testImagesComeInOrderAndNormalised() {
        Batches batches = Batches.test(numbered(5, true), 2);
        float[] images = new float[2 * 60];
        long[] labels = new long[2];

        assertThat(batches.count()).isEqualTo(3);
        assertThat(batches.size(2)).isEqualTo(1);
        assertThat(batches.fill(1, images, labels)).isEqualTo(2);

        assertThat(labels).containsExactly(2, 3);
        assertThat(images[0]).isEqualTo((121 / 255f - 0.5f) / 0.25f);
        assertThat(images[30]).isEqualTo((151 / 255f - 0.25f) / 0.5f);
    }

    @Test
    void theLastIncompleteTrainingBatchIsLeftOut() {
        assertThat(Batches.training(numbered(5, true), 2, 1, 0).count()).isEqualTo(2);
    }

    @Test
    void anEpochShowsEveryImageOnceInAnOrderOfItsOwn() {
        long[] first = labels(Batches.unaugmented(numbered(4, true), 1, 7, 0));
        long[] again = labels(Batches.unaugmented(numbered(4, true), 1, 7, 0));

        assertThat(first).containsExactlyInAnyOrder(0, 1, 2, 3).isEqualTo(again);
        assertThat(java.util.stream.IntStream.range(0, 20)
                        .mapToObj(e -> Arrays.toString(labels(Batches.unaugmented(numbered(4, true), 1, 7, e))))
                        .distinct()
                        .count())
                .isGreaterThan(5);
    }

    @Test
    void aResumedRunSeesTheSameImagesWithoutTheBatchesBefore() {
        Dataset data = ShapesData.dataset(40, 10);
        float[] whole = new float[10 * 3072];
        float[] resumed = new float[10 * 3072];
        long[] labels = new long[10];
        Batches epoch = Batches.training(data, 10, 3, 5);
        for (int b = 0; b < 3; b++) {
            epoch.fill(b, whole, labels);
        }
        Batches.training(data, 10, 3, 5).fill(2, resumed, labels);

        assertThat(resumed).isEqualTo(whole);
        Batches.training(data, 10, 4, 5).fill(2, resumed, labels);
        assertThat(resumed).isNotEqualTo(whole);
    }

    @Test
    void everyAugmentedImageIsACropOfThePaddedOne() {
        boolean[][] seen = new boolean[9][9];
        for (int epoch = 0; epoch < 1000; epoch++) {
            Crop crop = crop(DATA, epoch);
            assertThat(crop.mirrored()).isFalse();
            seen[crop.down() + 4][crop.right() + 4] = true;
        }
        for (boolean[] row : seen) {
            assertThat(row).doesNotContain(false);
        }
    }

    @Test
    void halfTheImagesAreMirroredWhereTheDataAllowsIt() {
        int mirrored = 0;
        for (int epoch = 0; epoch < 1000; epoch++) {
            mirrored += crop(numbered(2, true), epoch).mirrored() ? 1 : 0;
        }
        assertThat(mirrored).isBetween(430, 570);
    }

    @Test
    void arraysThatAreTooSmallAreRefused() {
        Batches batches = Batches.test(DATA, 2);

        assertThatThrownBy(() -> batches.fill(0, new float[119], new long[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("120");
        assertThatThrownBy(() -> batches.fill(1, new float[120], new long[2]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Batches.training(DATA, 3, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** The numbered images, by the two methods that data of one's own have. */
    private record Own(ImageSet images, int count) implements ImageSource {
        @Override
        public LabelledImage image(int index) {
            return images.image(index);
        }
    }

    @Test
    void dataOfOnesOwnAreDrawnAsThoseInMemory() {
        ImageSet images = (ImageSet) numbered(4, true).train();
        Dataset own = Dataset.of("own", 10, new Own(images, 4), new Own(images, 2));
        Dataset known = new Dataset("known", 10, Normalisation.of(images), false, images, images);
        float[] drawn = new float[2 * 60];
        float[] expected = new float[2 * 60];
        long[] labels = new long[2];
        long[] expectedLabels = new long[2];

        Batches.training(own, 2, 3, 1).fill(1, drawn, labels);
        Batches.training(known, 2, 3, 1).fill(1, expected, expectedLabels);

        assertThat(drawn).isEqualTo(expected);
        assertThat(labels).isEqualTo(expectedLabels);
        assertThat(Batches.test(own, 2).count()).isEqualTo(1);
    }

    @Test
    void anImageOfOnesOwnThatDoesNotFitIsNamed() {
        ImageSource shrinking = source(i -> new LabelledImage(new Shape(1, 1, 3 - i), new byte[3 - i], 0));
        ImageSource unknown = source(i -> new LabelledImage(new Shape(1, 1, 3), new byte[3], i));
        Dataset data = Dataset.of("own", 1, unknown, unknown);

        assertThatThrownBy(() -> Dataset.of("own", 1, shrinking, shrinking))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("image 1 is of 1x1x2")
                .hasMessageContaining("expected 1x1x3");
        assertThatThrownBy(() -> Batches.test(data, 2).fill(0, new float[6], new long[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("image 1 is of 1x1x3 with label 1")
                .hasMessageContaining("a label of 0 to 0");
        assertThatThrownBy(() -> new LabelledImage(new Shape(1, 1, 3), new byte[2], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 3 bytes");
    }

    private static ImageSource source(IntFunction<LabelledImage> image) {
        return new ImageSource() {
            @Override
            public int count() {
                return 2;
            }

            @Override
            public LabelledImage image(int index) {
                return image.apply(index);
            }
        };
    }

    private static long[] labels(Batches batches) {
        long[] all = new long[batches.count()];
        long[] one = new long[1];
        for (int b = 0; b < all.length; b++) {
            batches.fill(b, new float[60], one);
            all[b] = one[0];
        }
        return all;
    }

    /** Finds the crop of the first image of an epoch by comparing with every possible one. */
    private static Crop crop(Dataset data, int epoch) {
        float[] images = new float[60];
        long[] labels = new long[1];
        Batches.training(data, 1, 11, epoch).fill(0, images, labels);
        for (int down = -4; down <= 4; down++) {
            for (int right = -4; right <= 4; right++) {
                for (boolean mirrored : new boolean[] {false, true}) {
                    if (Arrays.equals(images, slowly(data, (int) labels[0], down, right, mirrored))) {
                        return new Crop(down, right, mirrored);
                    }
                }
            }
        }
        throw new AssertionError("no crop gives " + Arrays.toString(images));
    }

    private static float[] slowly(Dataset data, int image, int down, int right, boolean mirrored) {
        float[] result = new float[60];
        for (int c = 0; c < 2; c++) {
            for (int y = 0; y < 5; y++) {
                for (int x = 0; x < 6; x++) {
                    int fromY = y + down;
                    int fromX = (mirrored ? 5 - x : x) + right;
                    int value = fromY < 0 || fromY >= 5 || fromX < 0 || fromX >= 6
                            ? 0
                            : data.train().image(image).pixels()[(c * 5 + fromY) * 6 + fromX] & 0xff;
                    result[(c * 5 + y) * 6 + x] =
                            c == 0 ? (value / 255f - 0.5f) / 0.25f : (value / 255f - 0.25f) / 0.5f;
                }
            }
        }
        return result;
    }

    private static Dataset numbered(int count, boolean flip) {
        byte[] pixels = new byte[count * 60];
        int[] labels = new int[count];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i + 1);
            labels[i / 60] = i / 60;
        }
        ImageSet images = new ImageSet(SHAPE, pixels, labels);
        Normalisation normalisation =
                new Normalisation(new float[] {0.5f, 0.25f}, new float[] {0.25f, 0.5f}, "chosen for the test");
        return new Dataset("numbered", 10, normalisation, flip, images, images);
    }

    private record Crop(int down, int right, boolean mirrored) {}
}
