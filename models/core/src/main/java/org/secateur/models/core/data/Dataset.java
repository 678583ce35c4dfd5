package org.secateur.models.core.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.NearestName;
import org.secateur.results.core.SecateurException;

/**
 * Training and test images of one task.
 *
 * @param name for people, for example {@code cifar10}
 * @param normalisation how bytes become network input
 * @param flip whether training may mirror an image from left to right without changing its class
 */
public record Dataset(
        String name, int classes, Normalisation normalisation, boolean flip, ImageSource train, ImageSource test) {
    private static final String SHAPES = "shapes";
    private static final List<String> NAMES =
            List.of("shapes", "cifar10:DIR", "cifar100:DIR", "fashion-mnist:DIR", "folder:DIR");
    /** Pixels on a side of a folder's images: what ImageNet's networks are trained and evaluated on. */
    private static final int FOLDER_SIZE = 224;
    /** No network of the zoo is made for more, and an image then has 3 MB. */
    private static final int LARGEST_SIZE = 1024;
    /** A folder's images are kept decoded in so much of Java's memory. */
    private static final double KEPT_SHARE = 0.25;

    /** Mean and deviation of all 50,000 training images of CIFAR-10, used for subsets too. */
    private static final Normalisation CIFAR10 = new Normalisation(
            new float[] {0.4914f, 0.4822f, 0.4465f},
            new float[] {0.2470f, 0.2435f, 0.2616f},
            "published for the whole CIFAR-10");

    public Dataset {
        if (!train.shape().equals(test.shape())
                || normalisation.mean().length != train.shape().channels()) {
            throw new IllegalArgumentException("data " + name + ": training images "
                    + train.shape().text() + ", test images " + test.shape().text() + " and "
                    + normalisation.mean().length + " channel means do not fit together");
        }
        for (ImageSource images : List.of(train, test)) {
            // The labels of others are checked when they are seen.
            if (images instanceof ImageSet set && set.labelsBelow() > classes) {
                throw new IllegalArgumentException(
                        "data " + name + " has label " + (set.labelsBelow() - 1) + ": expected 0 to " + (classes - 1));
            }
        }
    }

    /**
     * Data of one's own. Training never mirrors them; mean and deviation are those of the training images, for which each
     * of them is looked at once. Where that takes too long, the constructor takes what is known.
     *
     * @throws IllegalArgumentException when an image has another shape than the first
     */
    public static Dataset of(String name, int classes, ImageSource train, ImageSource test) {
        return new Dataset(name, classes, Normalisation.of(train), false, train, test);
    }

    /** The shape of every image. */
    public Shape shape() {
        return train.shape();
    }

    /** One line for people: counts, shape, classes and where the normalisation comes from. */
    public String text() {
        return String.format(
                Locale.ROOT,
                "%s: %,d training and %,d test images of %s, %d classes, mean and deviation %s",
                name,
                train.count(),
                test.count(),
                shape().text(),
                classes,
                normalisation.source());
    }

    /**
     * The SHA-256 of all that a training and its test see, as 64 hexadecimal digits: shape, classes, normalisation, flips
     * and what {@link ImageSource#identify} gives, every pixel and label or what stands for them. The name has no part in it.
     */
    public String digest() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            String about = shape().text() + " " + classes + " " + flip + " " + train.count() + " " + test.count() + " "
                    + Arrays.toString(normalisation.mean()) + Arrays.toString(normalisation.deviation());
            sha.update(about.getBytes(StandardCharsets.UTF_8));
            train.identify(sha);
            test.identify(sha);
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Opens data by its name on the command line: {@code shapes} (or {@code shapes:COUNT} for another number of
     * training images), {@code cifar10:DIR}, {@code cifar100:DIR}, {@code fashion-mnist:DIR} or {@code folder:DIR}
     * (PNG and JPEG files in {@code DIR/train/CLASS} and {@code DIR/val/CLASS}, as squares of 224 pixels, or of 64 by
     * {@code folder:64:DIR}). All of them may be mirrored: the drawn classes are the same in a mirror, and flips are usual
     * for the photographed ones.
     *
     * @throws SecateurException if the name is unknown, or a file is missing or damaged
     */
    public static Dataset open(String spec) {
        int colon = spec.indexOf(':');
        String name = colon < 0 ? spec : spec.substring(0, colon);
        String argument = colon < 0 ? "" : spec.substring(colon + 1);
        return switch (name) {
            case SHAPES ->
                ShapesData.dataset(
                        colon < 0 ? ShapesData.TRAINING_IMAGES : count(spec, argument), ShapesData.TEST_IMAGES);
            case "cifar10" -> cifar10(directory(spec, argument));
            case "cifar100" -> cifar100(directory(spec, argument));
            case "fashion-mnist" -> fashionMnist(directory(spec, argument));
            case "folder" -> folder(spec, argument);
            default -> throw unknown(spec, name);
        };
    }

    private static Dataset cifar10(Path directory) {
        CifarFiles files = new CifarFiles(directory, 1, 10);
        return new Dataset(
                "cifar10",
                10,
                CIFAR10,
                true,
                files.read(files.trainingBatches()),
                files.read(List.of("test_batch.bin")));
    }

    private static Dataset cifar100(Path directory) {
        CifarFiles files = new CifarFiles(directory, 2, 100);
        ImageSet train = files.read(List.of("train.bin"));
        return new Dataset("cifar100", 100, Normalisation.of(train), true, train, files.read(List.of("test.bin")));
    }

    private static Dataset fashionMnist(Path directory) {
        IdxFiles files = new IdxFiles(directory, 10);
        ImageSet train = files.read("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
        ImageSet test = files.read("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
        if (!train.shape().equals(test.shape())) {
            throw SecateurException.badInput(
                    "training images are " + train.shape().text() + " but test images are "
                            + test.shape().text(),
                    directory.toString(),
                    "use the files of one distribution");
        }
        return new Dataset("fashion-mnist", 10, Normalisation.of(train), true, train, test);
    }

    private static Dataset folder(String spec, String argument) {
        int colon = argument.indexOf(':');
        boolean sized = colon > 0 && argument.substring(0, colon).matches("[0-9]{1,6}");
        int size = sized ? Integer.parseInt(argument.substring(0, colon)) : FOLDER_SIZE;
        if (size < 1 || size > LARGEST_SIZE) {
            throw SecateurException.badInput(
                    "images of " + size + " pixels on a side: expected 1 to " + LARGEST_SIZE,
                    spec,
                    "write folder:DIR for " + FOLDER_SIZE + ", or for example folder:64:DIR");
        }
        Path directory = directory("folder", argument.substring(sized ? colon + 1 : 0));
        return ImageFolder.dataset(
                directory, size, (long) (KEPT_SHARE * Runtime.getRuntime().maxMemory()));
    }

    private static int count(String spec, String text) {
        if (text.matches("[0-9]{1,7}")) {
            int count = Integer.parseInt(text);
            if (count >= 1 && count <= ShapesData.MOST_IMAGES) {
                return count;
            }
        }
        throw SecateurException.badInput(
                "the number of training images must be 1 to " + ShapesData.MOST_IMAGES,
                spec,
                "write shapes, or for example shapes:10000");
    }

    private static Path directory(String spec, String text) {
        if (text.isBlank()) {
            throw SecateurException.badInput(
                    "the data has no directory",
                    spec,
                    "write " + spec.replace(":", "") + ":DIR, the folder with its files");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw SecateurException.badInput(
                    "the directory's name is not valid: " + e.getReason(), spec, "name a folder");
        }
    }

    private static SecateurException unknown(String spec, String name) {
        String nearest = NearestName.of(
                name, NAMES.stream().map(Dataset::withoutDirectory).toList());
        String full = NAMES.stream()
                .filter(n -> withoutDirectory(n).equals(nearest))
                .findFirst()
                .orElse(nearest);
        return SecateurException.badInput(
                "unknown data \"" + spec + "\"",
                "data",
                "did you mean " + full + "? Known: " + String.join(", ", NAMES));
    }

    private static String withoutDirectory(String name) {
        return name.replace(":DIR", "");
    }
}
