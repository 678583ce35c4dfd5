package org.secateur.models.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CropTest {
    @Test
    void anImageOfTheRightSizeIsLeftAsItIs() {
        int[] plane = noise(7 * 7, 1);

        assertThat(cropped(plane, 7, 7, 7)).isEqualTo(plane);
    }

    @Test
    void theMiddleOfTheLongerSideStays() {
        int[] wide = new int[9 * 4];
        int[] high = new int[4 * 9];
        for (int i = 0; i < 36; i++) {
            wide[i] = i % 9;
            high[i] = i / 4;
        }

        // Of nine, five are left over: as torchvision, whose half goes to the even side, two before.
        assertThat(Arrays.copyOf(cropped(wide, 9, 4, 4), 4)).containsExactly(2, 3, 4, 5);
        assertThat(cropped(high, 4, 9, 4)).startsWith(2, 2, 2, 2, 3).endsWith(5, 5, 5, 5);
    }

    @Test
    void oneColourStaysThatColour() {
        Random random = new Random(2);
        for (int i = 0; i < 200; i++) {
            int width = 1 + random.nextInt(60);
            int height = 1 + random.nextInt(60);
            int colour = random.nextInt(256);
            int[] plane = new int[width * height];
            Arrays.fill(plane, colour);

            assertThat(cropped(plane, width, height, 1 + random.nextInt(40)))
                    .as("%d x %d", width, height)
                    .containsOnly(colour);
        }
    }

    /** A triangle of two pixels to either side: 1/8, 3/8, 3/8 and 1/8. */
    @Test
    void halvedEachPixelIsAWeightedMeanOfFour() {
        int[] plane = new int[8 * 8];
        for (int i = 0; i < 64; i++) {
            plane[i] = (i % 8) == 3 ? 240 : 0;
        }

        int[] row = Arrays.copyOfRange(cropped(plane, 8, 8, 4), 4, 8);

        assertThat(row).containsExactly(0, 90, 30, 0);
    }

    @Test
    void itIsAsItsDefinitionSays() {
        Random random = new Random(3);
        for (int i = 0; i < 40; i++) {
            int width = 2 + random.nextInt(30);
            int height = 2 + random.nextInt(30);
            int size = 1 + random.nextInt(20);
            int[] plane = noise(width * height, i);
            int[] cropped = cropped(plane, width, height, size);
            for (int y = 0; y < size; y++) {
                for (int x = 0; x < size; x++) {
                    // Floats are summed in another order.
                    assertThat((double) cropped[y * size + x])
                            .as("%d x %d to %d at %d, %d", width, height, size, x, y)
                            .isCloseTo(slowly(plane, width, height, size, x, y), within(0.5 + 1e-3));
                }
            }
        }
    }

    /** Every pixel of the image weighs by its distance in both directions. */
    private static double slowly(int[] plane, int width, int height, int size, int x, int y) {
        int shorter = Math.min(width, height);
        int wide = size * width / shorter;
        int high = size * height / shorter;
        double sum = 0;
        double weights = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                double weight = weight(column, width, wide, x + Math.rint((wide - size) / 2.0))
                        * weight(row, height, high, y + Math.rint((high - size) / 2.0));
                sum += weight * plane[row * width + column];
                weights += weight;
            }
        }
        return sum / weights;
    }

    private static double weight(int source, int sources, int resized, double target) {
        double scale = (double) sources / resized;
        return Math.max(0, 1 - Math.abs(source + 0.5 - (target + 0.5) * scale) / Math.max(1, scale));
    }

    private static int[] cropped(int[] plane, int width, int height, int size) {
        byte[] bytes = new byte[size * size + 2];
        Crop.of(width, height, size).apply(plane, width, bytes, 1);
        assertThat(bytes[0]).isZero();
        assertThat(bytes[bytes.length - 1]).isZero();
        int[] values = new int[size * size];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[i + 1] & 0xff;
        }
        return values;
    }

    private static int[] noise(int count, long seed) {
        return new Random(seed).ints(count, 0, 256).toArray();
    }
}
