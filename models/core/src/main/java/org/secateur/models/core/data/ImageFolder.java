package org.secateur.models.core.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * PNG and JPEG files in one folder for each class, torchvision's {@code ImageFolder}. Each image is decoded whenever it is
 * asked for.
 *
 * @param files in the order of classes, then of names
 * @param labels the class of each file
 * @param size pixels on a side
 */
record ImageFolder(List<Path> files, List<Integer> labels, int size) implements ImageSource {
    /** Of ImageNet's training images, as torchvision's weights expect them. */
    private static final Normalisation IMAGENET = new Normalisation(
            new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f}, "published for ImageNet");

    private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8L;
    private static final List<String> ENDS = List.of(".png", ".jpg", ".jpeg");

    ImageFolder {
        files = List.copyOf(files);
        labels = List.copyOf(labels);
    }

    /**
     * The data in a folder: {@code train/CLASS/...} and {@code val/CLASS/...}, or {@code test} where there is no {@code
     * val}. Mean and deviation are ImageNet's, as with most published weights.
     *
     * @param memory bytes up to which all images are decoded once and kept
     * @throws SecateurException when a folder is missing or wrong, or a file that is decoded is damaged
     */
    static Dataset dataset(Path directory, int size, long memory) {
        Path training = directory.resolve("train");
        Path validation = directory.resolve("val");
        Path testing = Files.isDirectory(validation) ? validation : directory.resolve("test");
        List<String> classes = classes(training);
        ImageFolder train = of(training, classes, size);
        ImageFolder test = of(testing, classes, size);
        Path last = directory.toAbsolutePath().normalize().getFileName();
        String name = last == null ? "folder" : last.toString().replaceAll("[^A-Za-z0-9._-]", "-");
        boolean kept = train.bytes() + test.bytes() <= Math.min(memory, LARGEST_ARRAY);
        return new Dataset(
                name, classes.size(), IMAGENET, true, kept ? train.decoded() : train, kept ? test.decoded() : test);
    }

    /** The names of the classes, in the order of their labels: those of the folders in a folder. */
    static List<String> classes(Path directory) {
        List<String> names = entries(directory).stream()
                .filter(Files::isDirectory)
                .map(path -> path.getFileName().toString())
                .filter(name -> !name.startsWith("."))
                .toList();
        if (names.isEmpty()) {
            throw SecateurException.badInput(
                    "there is no folder of a class", directory.toString(), "put the images of each class in one");
        }
        return names;
    }

    /**
     * The images below a folder.
     *
     * @param classes the names of all classes, of which some may be missing there
     * @throws SecateurException when there is a folder that is none of them, or one without any image
     */
    static ImageFolder of(Path directory, List<String> classes, int size) {
        List<Path> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (String name : classes(directory)) {
            Path folder = directory.resolve(name);
            int label = classes.indexOf(name);
            if (label < 0) {
                throw SecateurException.badInput(
                        "no training image is of class " + name, folder.toString(), "remove it, or train on it too");
            }
            List<Path> images = images(folder);
            if (images.isEmpty()) {
                throw SecateurException.badInput(
                        "there is no PNG or JPEG file", folder.toString(), "remove it, or add images");
            }
            images.forEach(image -> {
                files.add(image);
                labels.add(label);
            });
        }
        return new ImageFolder(files, labels, size);
    }

    private static List<Path> entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    /** At any depth, as torchvision does. */
    private static List<Path> images(Path folder) {
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(path -> {
                        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
                        return ENDS.stream().anyMatch(name::endsWith) && Files.isRegularFile(path);
                    })
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(folder, e);
        }
    }

    private static SecateurException unreadable(Path directory, Exception cause) {
        return new SecateurException(
                ExitCode.BAD_INPUT,
                "cannot read the folder",
                directory.toString(),
                "name the folder with train and val, and check its permissions",
                cause);
    }

    @Override
    public int count() {
        return files.size();
    }

    @Override
    public LabelledImage image(int index) {
        return new LabelledImage(shape(), new ImageFile(files.get(index)).pixels(size), labels.get(index));
    }

    @Override
    public Shape shape() {
        return new Shape(3, size, size);
    }

    /** By names, sizes and times, since decoding all would take long. */
    @Override
    public void identify(MessageDigest digest) {
        for (int i = 0; i < count(); i++) {
            Path file = files.get(i);
            try {
                String about =
                        file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file) + " " + labels.get(i);
                digest.update(about.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }
    }

    /** The bytes of all images together. */
    long bytes() {
        return (long) count() * shape().elements();
    }

    /** All images in memory, each decoded once. */
    ImageSet decoded() {
        int elements = shape().elements();
        byte[] pixels = new byte[Math.toIntExact(bytes())];
        IntStream.range(0, count())
                .parallel()
                .forEach(i -> System.arraycopy(image(i).pixels(), 0, pixels, i * elements, elements));
        return new ImageSet(
                shape(), pixels, labels.stream().mapToInt(Integer::intValue).toArray());
    }
}
