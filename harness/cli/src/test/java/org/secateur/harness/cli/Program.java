package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;

/** The real program in processes of its own, which close with it. Each has the directory's {@code out} as output. */
final class Program {
    private static final int IMAGE_BYTES = 3073;

    private final Path directory;
    private final Map<String, String> environment;
    private final List<Process> children = new ArrayList<>();

    Program(Path directory) {
        this(directory, Map.of());
    }

    /** The program with these variables beside the environment of this process. */
    Program(Path directory, Map<String, String> environment) {
        this.directory = directory;
        this.environment = Map.copyOf(environment);
    }

    /** Noise in the format of CIFAR-10: nothing to learn, much to compute. */
    void drawImages() throws IOException {
        write("data_batch_1.bin", 128, 1);
        write("test_batch.bin", 32, 2);
    }

    /** Noise in the format of Fashion-MNIST, of 8 times 8 pixels: little to compute. */
    static void drawSmallImages(Path directory) throws IOException {
        writeSmall(directory, "train", 32, 1);
        writeSmall(directory, "t10k", 12, 2);
    }

    /** Noise in PNG and JPEG files, 40 to train with and 20 to test with, of two classes. */
    static void drawPhotographs(Path directory) throws IOException {
        for (String folder : List.of("train/cat", "train/dog", "val/cat", "val/dog")) {
            Files.createDirectories(directory.resolve(folder));
        }
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            BufferedImage image = new BufferedImage(12, 10, BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < 120; p++) {
                image.setRGB(p % 12, p / 12, random.nextInt(1 << 24));
            }
            String format = i % 4 < 2 ? "png" : "jpg";
            String name = (i < 40 ? "train/" : "val/") + (i % 2 == 0 ? "cat/" : "dog/") + i + "." + format;
            assertThat(ImageIO.write(image, format, directory.resolve(name).toFile()))
                    .isTrue();
        }
    }

    private static void writeSmall(Path directory, String name, int images, long seed) throws IOException {
        int size = 8;
        Random random = new Random(seed);
        byte[] pixels = new byte[images * size * size];
        random.nextBytes(pixels);
        ByteBuffer drawn = ByteBuffer.allocate(16 + pixels.length);
        drawn.putInt(0x0803).putInt(images).putInt(size).putInt(size).put(pixels);
        Files.write(directory.resolve(name + "-images-idx3-ubyte"), drawn.array());
        ByteBuffer labels = ByteBuffer.allocate(8 + images).putInt(0x0801).putInt(images);
        for (int i = 0; i < images; i++) {
            labels.put((byte) random.nextInt(10));
        }
        Files.write(directory.resolve(name + "-labels-idx1-ubyte"), labels.array());
    }

    private void write(String name, int images, long seed) throws IOException {
        byte[] bytes = new byte[images * IMAGE_BYTES];
        Random random = new Random(seed);
        random.nextBytes(bytes);
        for (int i = 0; i < images; i++) {
            bytes[i * IMAGE_BYTES] = (byte) random.nextInt(10);
        }
        Files.write(directory.resolve(name), bytes);
    }

    /** Starts the program. */
    Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx2g",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(directory.resolve("out").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        children.add(process);
        return process;
    }

    /** Runs the program to its end. */
    Run run(List<String> arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        String err = all(process);
        return new Run(process.waitFor(), Files.readString(directory.resolve("out")), err);
    }

    /** All of standard error, which ends with the process. */
    private static String all(Process process) throws IOException {
        try (BufferedReader lines = process.errorReader()) {
            return String.join("\n", lines.lines().toList());
        }
    }

    /** Ends what still runs. */
    void close() throws InterruptedException {
        for (Process child : children) {
            child.destroyForcibly();
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
