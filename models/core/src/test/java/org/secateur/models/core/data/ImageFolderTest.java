package org.secateur.models.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

class ImageFolderTest {
    @TempDir
    Path directory;

    @Test
    void classesAreTheFoldersInOrder() throws IOException {
        write("train/dog/b.png", rgb(9, 8, 1));
        write("train/dog/deeper/a.JPEG", rgb(9, 8, 2));
        write("train/cat/z.jpg", rgb(8, 9, 3));
        Files.writeString(directory.resolve("train/cat/notes.txt"), "no image");
        Files.writeString(directory.resolve("train/README.md"), "no class");
        write("val/dog/c.png", rgb(20, 8, 4));

        Dataset data = Dataset.open("folder:8:" + directory);

        assertThat(data.name()).isEqualTo(String.valueOf(directory.getFileName()));
        assertThat(data.classes()).isEqualTo(2);
        assertThat(data.shape()).isEqualTo(new Shape(3, 8, 8));
        assertThat(data.train().count()).isEqualTo(3);
        assertThat(data.train().image(0).label()).isZero();
        assertThat(data.train().image(1).label()).isEqualTo(1);
        assertThat(data.test().image(0).label()).isEqualTo(1);
        assertThat(data.text()).contains("3 training and 1 test images of 3x8x8, 2 classes", "ImageNet");
    }

    @Test
    void testImagesAreInTestWhereThereIsNoVal() throws IOException {
        write("train/a/1.png", rgb(4, 4, 1));
        write("test/a/2.png", rgb(4, 4, 2));

        assertThat(Dataset.open("folder:4:" + directory).test().image(0).pixels())
                .isEqualTo(planes(rgb(4, 4, 2)));
        assertThat(Dataset.open("folder:" + directory).shape()).isEqualTo(new Shape(3, 224, 224));
    }

    @Test
    void coloursAreThoseOfTheFile() throws IOException {
        BufferedImage drawn = rgb(6, 6, 5);
        BufferedImage clear = new BufferedImage(6, 6, BufferedImage.TYPE_INT_ARGB);
        for (int i = 0; i < 36; i++) {
            clear.setRGB(i % 6, i / 6, (drawn.getRGB(i % 6, i / 6) & 0xffffff) | ((i * 7) << 24));
        }

        assertThat(decoded("png", drawn, 6)).isEqualTo(planes(drawn));
        assertThat(decoded("png", clear, 6)).isEqualTo(planes(drawn));
    }

    @Test
    void greyIsNotBrightened() throws IOException {
        BufferedImage grey = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
        BufferedImage deep = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_GRAY);
        byte[] expected = new byte[48];
        for (int i = 0; i < 16; i++) {
            grey.getRaster().setSample(i % 4, i / 4, 0, i * 16);
            deep.getRaster().setSample(i % 4, i / 4, 0, ((i * 16) << 8) | 0xab);
            for (int c = 0; c < 3; c++) {
                expected[c * 16 + i] = (byte) (i * 16);
            }
        }

        assertThat(decoded("png", grey, 4)).isEqualTo(expected);
        assertThat(decoded("png", deep, 4)).isEqualTo(expected);
    }

    @Test
    void palettesAreLookedUp() throws IOException {
        byte[] reds = {0, (byte) 255, 10, 20};
        byte[] greens = {1, (byte) 128, 11, 21};
        byte[] blues = {2, 64, 12, 22};
        BufferedImage image =
                new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_BINARY, new IndexColorModel(2, 4, reds, greens, blues));
        image.getRaster().setPixels(0, 0, 2, 2, new int[] {0, 1, 2, 3});

        assertThat(decoded("png", image, 2)).isEqualTo(new byte[] {0, -1, 10, 20, 1, -128, 11, 21, 2, 64, 12, 22});
    }

    @Test
    void aPhotographIsNearlyWhatWasCompressed() throws IOException {
        BufferedImage smooth = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 256; i++) {
            smooth.setRGB(i % 16, i / 16, ((8 * (i % 16)) << 16) | ((8 * (i / 16)) << 8) | 100);
        }
        byte[] expected = planes(smooth);

        byte[] decoded = decoded("jpg", smooth, 16);

        for (int i = 0; i < decoded.length; i++) {
            assertThat((decoded[i] & 0xff) - (expected[i] & 0xff)).isBetween(-24, 24);
        }
    }

    /** As in Pillow, by whose pixels networks were trained. */
    @Test
    void colourProfilesAreLeftOutOfAccount() throws IOException {
        byte[] plain = encoded("jpg", rgb(16, 16, 4));
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        byte[] mark = "ICC_PROFILE\0\1\1".getBytes(StandardCharsets.ISO_8859_1);
        int after = 4 + ByteBuffer.wrap(plain).getShort(4); // the start of the image and its first segment
        byte[] profiled = ByteBuffer.allocate(plain.length + 4 + mark.length + profile.length)
                .put(plain, 0, after)
                .putShort((short) 0xffe2)
                .putShort((short) (2 + mark.length + profile.length))
                .put(mark)
                .put(profile)
                .put(plain, after, plain.length - after)
                .array();
        Path file = Files.write(directory.resolve("profiled.jpg"), profiled);

        assertThat(ImageIO.read(file.toFile()).getRGB(3, 3))
                .as("by the profile")
                .isNotEqualTo(ImageIO.read(new ByteArrayInputStream(plain)).getRGB(3, 3));
        assertThat(new ImageFile(file).pixels(16)).isEqualTo(decoded("jpg", rgb(16, 16, 4), 16));
    }

    /** The JDK itself refuses them in earlier versions. */
    @Test
    void imagesForPrintingAreRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            Raster inks = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 8, 8, 4, null);
            writer.write(new IIOImage(inks, null, null));
        } finally {
            writer.dispose();
        }
        Path file = Files.write(directory.resolve("printed.jpg"), bytes.toByteArray());

        assertThatThrownBy(() -> new ImageFile(file).pixels(8))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("printed.jpg")
                .hasMessageFindingMatch("CMYK|cannot be decoded");
    }

    @Test
    void whatIsKeptInMemoryIsWhatIsDecodedEachTime() throws IOException {
        for (int i = 0; i < 12; i++) {
            write("train/" + i % 3 + "/" + i + ".png", rgb(10 + i, 30 - i, i));
            write("val/" + i % 3 + "/" + i + ".jpg", rgb(12, 10, i));
        }
        Dataset kept = ImageFolder.dataset(directory, 8, 24 * 192);
        Dataset decoding = ImageFolder.dataset(directory, 8, 24 * 192 - 1);

        assertThat(kept.train().atHand() && kept.test().atHand()).isTrue();
        assertThat(decoding.train().atHand() || decoding.test().atHand()).isFalse();
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(batch(Batches.training(decoding, 5, 7, epoch)))
                    .isEqualTo(batch(Batches.training(kept, 5, 7, epoch)));
        }
        assertThat(batch(Batches.test(decoding, 12))).isEqualTo(batch(Batches.test(kept, 12)));
    }

    private static float[] batch(Batches batches) {
        float[] floats = new float[batches.largestSize() * 192];
        batches.fill(batches.count() - 1, floats, new long[batches.largestSize()]);
        return floats;
    }

    @Test
    void wrongFoldersAreNamed() throws IOException {
        assertRefused("folder", "no directory", "folder:DIR");
        assertRefused("folder:64:", "no directory");
        assertRefused("folder:0:" + directory, "0 pixels on a side", "1 to 1024");
        assertRefused("folder:1025:" + directory, "1025 pixels");
        assertRefused("folder:" + directory, "cannot read the folder", "train");
        Files.createDirectories(directory.resolve("train"));
        assertRefused("folder:" + directory, "no folder of a class", "train");
        Files.createDirectories(directory.resolve("train/cat"));
        assertRefused("folder:" + directory, "no PNG or JPEG file", "cat");
        write("train/cat/1.png", rgb(4, 4, 1));
        assertRefused("folder:" + directory, "cannot read the folder", "test");
        write("val/cat/1.png", rgb(4, 4, 1));
        write("val/cow/1.png", rgb(4, 4, 1));
        assertRefused("folder:" + directory, "no training image is of class cow");
        assertRefused("folders:" + directory, "did you mean folder:DIR?");
    }

    @Test
    void aDamagedImageIsNamed() throws IOException {
        write("train/a/good.png", rgb(8, 8, 1));
        write("val/a/good.png", rgb(8, 8, 1));
        byte[] png = encoded("png", rgb(40, 40, 2));
        byte[] jpeg = encoded("jpg", rgb(40, 40, 2));

        assertDamaged("empty.png", new byte[0], "neither a PNG nor a JPEG image");
        assertDamaged("text.jpg", "hello".getBytes(StandardCharsets.UTF_8), "neither");
        assertDamaged("cut.png", Arrays.copyOf(png, png.length / 2), "cannot be decoded");
        assertDamaged("head.png", Arrays.copyOf(png, 20), "cannot be decoded");
        assertDamaged("cut.jpg", Arrays.copyOf(jpeg, jpeg.length / 2), "the image is damaged");
        assertDamaged("end.jpg", Arrays.copyOf(jpeg, jpeg.length - 2), "the image is damaged");
        ByteBuffer.wrap(png).putInt(16, 100_000).putInt(20, 100_000);
        CRC32 crc = new CRC32();
        crc.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
        assertDamaged("large.png", png, "100000 times 100000 pixels");
    }

    private void assertDamaged(String name, byte[] content, String words) throws IOException {
        Path file = Files.write(directory.resolve("train/a").resolve(name), content);
        assertRefused("folder:8:" + directory, words, name);
        Dataset lazy = ImageFolder.dataset(directory, 8, 0);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 2; i++) {
                        lazy.train().image(i);
                    }
                })
                .isInstanceOf(SecateurException.class)
                .hasMessageContainingAll(words, name);
        Files.delete(file);
    }

    /** Whatever is in a file: an image, or one sentence with its name. */
    @Test
    void noBytesGiveAnythingElse() throws IOException {
        Random random = new Random(8);
        for (String format : new String[] {"png", "jpg"}) {
            byte[] whole = encoded(format, rgb(24, 24, 9));
            Path file = directory.resolve("mutant." + format);
            int refused = 0;
            for (int i = 0; i < 300; i++) {
                byte[] bytes = Arrays.copyOf(whole, i % 3 == 0 ? random.nextInt(whole.length) : whole.length);
                for (int j = 0; j < i % 5 && bytes.length > 0; j++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                Files.write(file, bytes);
                try {
                    assertThat(new ImageFile(file).pixels(8)).hasSize(192);
                } catch (SecateurException e) {
                    assertThat(e.exit()).isEqualTo(ExitCode.BAD_INPUT);
                    assertThat(e.on()).isEqualTo(file.toString());
                    refused++;
                }
            }
            assertThat(refused).isBetween(50, 290);
        }
    }

    private static void assertRefused(String spec, String... words) {
        assertThatThrownBy(() -> Dataset.open(spec))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessageContainingAll(words);
    }

    private byte[] decoded(String format, BufferedImage image, int size) throws IOException {
        Path file = directory.resolve("image." + format);
        Files.write(file, encoded(format, image));
        return new ImageFile(file).pixels(size);
    }

    private void write(String name, BufferedImage image) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(directory.resolve(name.substring(0, name.lastIndexOf('/'))));
        Files.write(file, encoded(name.toLowerCase(Locale.ROOT).endsWith("png") ? "png" : "jpg", image));
    }

    private static byte[] encoded(String format, BufferedImage image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes)).isTrue();
        return bytes.toByteArray();
    }

    private static BufferedImage rgb(int width, int height, long seed) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, random.nextInt(1 << 24));
        }
        return image;
    }

    private static byte[] planes(BufferedImage image) {
        int plane = image.getWidth() * image.getHeight();
        byte[] planes = new byte[3 * plane];
        for (int i = 0; i < plane; i++) {
            int pixel = image.getRGB(i % image.getWidth(), i / image.getWidth());
            for (int c = 0; c < 3; c++) {
                planes[c * plane + i] = (byte) (pixel >> (16 - 8 * c));
            }
        }
        return planes;
    }
}
