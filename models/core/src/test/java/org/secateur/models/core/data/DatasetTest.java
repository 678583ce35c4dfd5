package org.secateur.models.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

class DatasetTest {
    @TempDir
    Path directory;

    @Test
    void cifar10IsReadFromTheBatchesThatAreThere() throws IOException {
        Files.write(directory.resolve("data_batch_2.bin"), records(1, 3, 5));
        Files.write(directory.resolve("data_batch_4.bin"), records(1, 1, 9));
        Files.write(directory.resolve("test_batch.bin"), records(1, 2, 7));

        Dataset data = Dataset.open("cifar10:" + directory);

        assertThat(labelsOf(data.train())).containsExactly(5, 5, 5, 9);
        assertThat(labelsOf(data.test())).containsExactly(7, 7);
        assertThat(data.shape()).isEqualTo(new Shape(3, 32, 32));
        assertThat(data.train().image(1).pixels()[0]).isEqualTo((byte) 1);
        assertThat(data.text())
                .contains("4 training and 2 test images of 3x32x32")
                .contains("published");
    }

    @Test
    void cifar100HasFineLabels() throws IOException {
        Files.write(directory.resolve("train.bin"), records(2, 2, 99));
        Files.write(directory.resolve("test.bin"), records(2, 1, 50));

        Dataset data = Dataset.open("cifar100:" + directory);

        assertThat(data.classes()).isEqualTo(100);
        assertThat(labelsOf(data.train())).containsExactly(99, 99);
        assertThat(data.text()).contains(Normalisation.COMPUTED);
    }

    @Test
    void fashionMnistIsReadPlainOrPacked() throws IOException {
        Files.write(directory.resolve("train-images-idx3-ubyte.gz"), packed(images(4, 28, 28)));
        Files.write(directory.resolve("train-labels-idx1-ubyte"), labels(0, 1, 2, 9));
        Files.write(directory.resolve("t10k-images-idx3-ubyte"), images(2, 28, 28));
        Files.write(directory.resolve("t10k-labels-idx1-ubyte.gz"), packed(labels(3, 4)));

        Dataset data = Dataset.open("fashion-mnist:" + directory);

        assertThat(data.shape()).isEqualTo(new Shape(1, 28, 28));
        assertThat(labelsOf(data.train())).containsExactly(0, 1, 2, 9);
        assertThat(data.test().image(1).pixels()[1]).isEqualTo((byte) 785);
    }

    @Test
    void theDigestTellsImagesLabelsAndTheirUseApartButNotTheName() {
        Dataset data = pair("a", false, 7, 1);
        assertThat(data.digest()).hasSize(64).isEqualTo(pair("b", false, 7, 1).digest());
        assertThat(pair("a", true, 7, 1).digest()).isNotEqualTo(data.digest());
        assertThat(pair("a", false, 8, 1).digest()).isNotEqualTo(data.digest());
        assertThat(pair("a", false, 7, 0).digest()).isNotEqualTo(data.digest());
        Dataset swapped =
                new Dataset("a", 2, data.normalisation(), false, /* train= */ data.test(), /* test= */ data.train());
        assertThat(swapped.digest()).isNotEqualTo(data.digest());
    }

    /** One image to train on and one to test. */
    private static Dataset pair(String name, boolean flip, int pixel, int label) {
        Shape shape = new Shape(1, 1, 2);
        return new Dataset(
                name,
                2,
                new Normalisation(new float[] {0.5f}, new float[] {0.3f}, "chosen"),
                flip,
                new ImageSet(shape, new byte[] {1, 2}, new int[] {0}),
                new ImageSet(shape, new byte[] {3, (byte) pixel}, new int[] {label}));
    }

    @Test
    void meanAndDeviationAreThoseOfTheTrainingImages() {
        ImageSet images =
                new ImageSet(new Shape(2, 1, 2), new byte[] {0, (byte) 255, 51, 51, 0, 0, 51, 51}, new int[2]);

        Normalisation normalisation = Normalisation.of(images);

        assertThat(normalisation.mean()).containsExactly(new float[] {0.25f, 0.2f}, within(1e-6f));
        // Three zeros and a one: sqrt(1/4 - 1/16). A constant channel has none, so 1.
        assertThat(normalisation.deviation()).containsExactly(new float[] {0.4330127f, 1}, within(1e-6f));
    }

    @Test
    void anUnknownNameSuggestsTheNearestAndListsAll() {
        assertRefused("cifar11:/x", "unknown data", "did you mean cifar10:DIR", "fashion-mnist:DIR");
        assertRefused("shape", "did you mean shapes?");
    }

    @Test
    void dataWithoutADirectoryIsRefused() {
        assertRefused("cifar10", "no directory");
        assertRefused("fashion-mnist:", "no directory");
        assertRefused("cifar10:" + directory.resolve("absent"), "no data_batch_1.bin", "absent");
    }

    @Test
    void anImpossibleNumberOfDrawingsIsRefused() {
        assertRefused("shapes:0", "1 to 500000");
        assertRefused("shapes:-5", "1 to 500000");
        assertRefused("shapes:99999999999", "1 to 500000");
        assertThat(Dataset.open("shapes:30").train().count()).isEqualTo(30);
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Files.write(directory.resolve("data_batch_1.bin"), records(1, 1, 0));

        assertRefused("cifar10:" + directory, "missing file", "test_batch.bin");
    }

    @Test
    void aTruncatedCifarFileIsNamedWithBothSizes() throws IOException {
        Files.write(directory.resolve("data_batch_1.bin"), Arrays.copyOf(records(1, 2, 0), 5000));

        assertRefused("cifar10:" + directory, "data_batch_1.bin", "expected 6146 bytes", "found 5000 bytes");
        Files.write(directory.resolve("data_batch_1.bin"), new byte[0]);
        assertRefused("cifar10:" + directory, "expected 3073 bytes", "found 0 bytes");
    }

    @Test
    void aLabelOutOfRangeIsRefused() throws IOException {
        Files.write(directory.resolve("data_batch_1.bin"), records(1, 2, 10));
        assertRefused("cifar10:" + directory, "label 10 in record 0", "expected 0 to 9");

        fashion(images(1, 28, 28), labels(10));
        assertRefused("fashion-mnist:" + directory, "label 10 of image 0");
    }

    @Test
    void truncatedIdxFilesAreNamedWithBothSizes() throws IOException {
        fashion(Arrays.copyOf(images(10, 28, 28), 100), labels(0));
        assertRefused(
                "fashion-mnist:" + directory, "train-images-idx3-ubyte", "expected 7856 bytes", "found 100 bytes");

        fashion(Arrays.copyOf(images(10, 28, 28), 7), labels(0));
        assertRefused("fashion-mnist:" + directory, "expected 16 bytes", "found 7 bytes");
    }

    @Test
    void aTruncatedPackedFileIsRefused() throws IOException {
        byte[] packed = packed(images(10, 28, 28));
        fashion(images(1, 28, 28), labels(0));
        Files.delete(directory.resolve("train-images-idx3-ubyte"));
        Path file = directory.resolve("train-images-idx3-ubyte.gz");
        for (int length : new int[] {0, 5, packed.length / 2, packed.length - 3}) {
            Files.write(file, Arrays.copyOf(packed, length));
            assertRefused("fashion-mnist:" + directory, "gz", "train-images-idx3-ubyte.gz");
        }
        Files.write(file, packed(Arrays.copyOf(images(10, 28, 28), 7000)));
        assertRefused("fashion-mnist:" + directory, "expected 7856 bytes", "found 7000 bytes");
    }

    @Test
    void aHeaderThatPromisesTooMuchIsRefusedBeforeAnythingIsAllocated() throws IOException {
        byte[] images = images(1, 28, 28);
        ByteBuffer.wrap(images).putInt(4, 2_000_000);
        fashion(images, labels(0));
        assertRefused("fashion-mnist:" + directory, "expected 1568000016 bytes", "found 800 bytes");

        ByteBuffer.wrap(images).putInt(4, -1);
        fashion(images, labels(0));
        assertRefused("fashion-mnist:" + directory, "absurd size 4294967295");

        Files.delete(directory.resolve("train-images-idx3-ubyte"));
        ByteBuffer.wrap(images).putInt(4, 2_000_000);
        Files.write(directory.resolve("train-images-idx3-ubyte.gz"), packed(images));
        assertRefused("fashion-mnist:" + directory, "expected 1568000016 bytes", "packed bytes");
    }

    @Test
    void aFileOfAnotherKindIsRefused() throws IOException {
        fashion(labels(1, 2, 3, 4, 5, 6, 7, 8, 9), labels(0));
        assertRefused("fashion-mnist:" + directory, "bad magic number 0x00000801", "expected 0x00000803");

        fashion(images(2, 28, 28), labels(0));
        assertRefused("fashion-mnist:" + directory, "1 labels for the 2 images");

        fashion(Arrays.copyOf(images(1, 28, 28), 801), labels(0));
        assertRefused("fashion-mnist:" + directory, "too long");
    }

    @Test
    void theRealFilesAreRead() {
        Path real = Path.of(System.getProperty("secateur.data", "absent"));
        if (!Files.isDirectory(real.resolve("fashion-mnist"))) {
            assumeTrue(false, "no real images in " + real + " (system property secateur.data)");
        }
        Dataset cifar = Dataset.open("cifar10:" + real.resolve("cifar-10-subset"));
        assertThat(cifar.train().count()).isEqualTo(10_000);
        assertThat(cifar.test().count()).isEqualTo(2_000);
        assertThat(Normalisation.of(cifar.train()).mean())
                .containsExactly(cifar.normalisation().mean(), within(0.01f));

        Dataset fashion = Dataset.open("fashion-mnist:" + real.resolve("fashion-mnist"));
        assertThat(fashion.train().count()).isEqualTo(60_000);
        assertThat(fashion.test().count()).isEqualTo(10_000);
        // The usual figures for the whole set.
        assertThat(fashion.normalisation().mean()).containsExactly(new float[] {0.2860f}, within(1e-3f));
        assertThat(fashion.normalisation().deviation()).containsExactly(new float[] {0.3530f}, within(1e-3f));
    }

    private static int[] labelsOf(ImageSource images) {
        return IntStream.range(0, images.count())
                .map(i -> images.image(i).label())
                .toArray();
    }

    private static void assertRefused(String spec, String... words) {
        assertThatThrownBy(() -> Dataset.open(spec))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessageContainingAll(words);
    }

    private void fashion(byte[] images, byte[] labels) throws IOException {
        Files.write(directory.resolve("train-images-idx3-ubyte"), images);
        Files.write(directory.resolve("train-labels-idx1-ubyte"), labels);
    }

    private static byte[] records(int labelBytes, int count, int label) {
        byte[] bytes = new byte[count * (labelBytes + 3072)];
        Arrays.fill(bytes, (byte) 1);
        for (int i = 0; i < count; i++) {
            bytes[i * (labelBytes + 3072) + labelBytes - 1] = (byte) label;
        }
        return bytes;
    }

    private static byte[] images(int count, int height, int width) {
        ByteBuffer bytes = ByteBuffer.allocate(16 + count * height * width);
        bytes.putInt(0x803).putInt(count).putInt(height).putInt(width);
        for (int i = 0; bytes.hasRemaining(); i++) {
            bytes.put((byte) i);
        }
        return bytes.array();
    }

    private static byte[] labels(int... labels) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + labels.length);
        bytes.putInt(0x801).putInt(labels.length);
        for (int label : labels) {
            bytes.put((byte) label);
        }
        return bytes.array();
    }

    private static byte[] packed(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }
}
