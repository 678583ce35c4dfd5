package org.secateur.models.onnx;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.onnx.Fields.ElementType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * A network with its weights, as an ONNX file holds it. Files are written at opset 17 with the weights under PyTorch's
 * names, and read from opset 11 on, as PyTorch's exporters write them: one input of images {@code [batch, channels,
 * height, width]}, one output, the logits. What is written and read again has the same weights and is the same network,
 * but for layers that do nothing (a flatten behind a global pool, a pool of one pixel, an index map of an index map) and
 * zeros around an image that a convolution or an average behind them can pad itself.
 *
 * @param state the weights; momentum is not written
 */
public record OnnxFile(Network network, ModelState state) {
    static final String PRODUCER = "secateur";

    /** Bytes of an array. */
    static final int LARGEST = Integer.MAX_VALUE - 8;

    private static final int OLDEST_OPSET = 11;
    /** As many numbers as a large photograph has; far below where a layer's output would exceed an int. */
    private static final long MOST_IMAGE_ELEMENTS = 1L << 23;
    /** Of the memory; the file's bytes, the weights read out of it and a copy that is trained take a part each. */
    private static final int PARTS_OF_MEMORY = 4;

    public OnnxFile {
        Parameters.requireFit(network, state);
    }

    /**
     * Reads a file, and what it keeps in files beside it.
     *
     * @param image the shape of the images, for a file that leaves it open
     * @throws SecateurException when it is missing, damaged, too large, or no network of layers that are known, naming
     *     the node
     */
    public static OnnxFile read(Path file, Optional<Shape> image) {
        return read(file, image, Runtime.getRuntime().maxMemory() / PARTS_OF_MEMORY);
    }

    /**
     * The same within other limits.
     *
     * @param most bytes of files, and of weights
     */
    static OnnxFile read(Path file, Optional<Shape> image, long most) {
        byte[] bytes;
        try {
            if (!Files.isRegularFile(file)) {
                throw new NoSuchFileException(file.toString());
            }
            long size = Files.size(file);
            if (size > Math.min(most, LARGEST)) {
                throw refused(
                        file,
                        "the ONNX file has " + size + " bytes, and the memory that this program has is enough for "
                                + Math.min(most, LARGEST),
                        "start Java with more memory");
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT, "there is no such ONNX file", file.toString(), "name a file", e);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    "the ONNX file cannot be read: " + e,
                    file.toString(),
                    "check its permissions and disk",
                    e);
        }
        try {
            Path directory = file.toAbsolutePath().normalize().getParent();
            ExternalFiles external =
                    new ExternalFiles(directory == null ? Path.of("/") : directory, most - bytes.length);
            return network(new OnnxReader(bytes, external).read(), stem(file), image, most);
        } catch (IllegalArgumentException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    "the ONNX file cannot be used: " + e.getMessage(),
                    file.toString(),
                    "export the model again, after model.eval() and for images of a fixed size",
                    e);
        }
    }

    private static OnnxFile network(OnnxModel model, String stem, Optional<Shape> image, long most) {
        if (model.opset() < OLDEST_OPSET) {
            throw new IllegalArgumentException(
                    "its operators are of opset " + model.opset() + ": expected " + OLDEST_OPSET + " or newer");
        }
        List<OnnxModel.Input> inputs = model.inputs().stream()
                .filter(input -> !model.initializers().containsKey(input.name()))
                .toList();
        if (inputs.size() != 1 || inputs.get(0).type() != ElementType.FLOAT) {
            throw new IllegalArgumentException(
                    "it has " + inputs.size() + " inputs: expected one, images as numbers of type float");
        }
        Shape shape = shape(inputs.get(0).dimensions(), image);
        boolean own = model.producer().equals(PRODUCER) && !model.name().isBlank();
        String name = ModuleNames.shown(own ? model.name() : stem).replaceAll("[/: ]", "_");
        return new GraphImport(model, inputs.get(0).name(), shape, most).network(name);
    }

    private static Shape shape(List<OptionalLong> dimensions, Optional<Shape> image) {
        if (dimensions.size() != 4 && !(dimensions.isEmpty() && image.isPresent())) {
            throw new IllegalArgumentException("its input has " + dimensions.size()
                    + " dimensions: expected four, the batch, channels, height and width of images");
        }
        int[] wanted =
                image.map(s -> new int[] {s.channels(), s.height(), s.width()}).orElse(new int[] {-1, -1, -1});
        long elements = 1;
        int[] sizes = wanted.clone();
        for (int i = 0; i < 3; i++) {
            OptionalLong stated = dimensions.isEmpty() ? OptionalLong.empty() : dimensions.get(i + 1);
            long size = stated.orElse(wanted[i]);
            if (size < 1 && stated.isEmpty()) {
                throw new IllegalArgumentException("it leaves the size of its images open: name it with --input CxHxW");
            }
            if (size < 1 || size > MOST_IMAGE_ELEMENTS / elements) {
                throw new IllegalArgumentException("its images have a size of " + size + ": expected at least 1, and "
                        + MOST_IMAGE_ELEMENTS + " numbers in all");
            }
            if (wanted[i] > 0 && wanted[i] != size) {
                throw new IllegalArgumentException(
                        "its images have a size of " + size + " where " + wanted[i] + " is wanted");
            }
            elements *= size;
            sizes[i] = (int) size;
        }
        return new Shape(sizes[0], sizes[1], sizes[2]);
    }

    private static String stem(Path file) {
        Path name = file.getFileName();
        String text = name == null ? "" : name.toString();
        int dot = text.lastIndexOf('.');
        return dot > 0 ? text.substring(0, dot) : text;
    }

    private static SecateurException refused(Path file, String what, String fix) {
        return SecateurException.badInput(what, file.toString(), fix);
    }

    /**
     * Writes the file's bytes; the stream is the caller's.
     *
     * @throws IllegalArgumentException when it would have more than two gigabytes, which ONNX does not allow
     */
    public void write(OutputStream out) throws IOException {
        WireMessage model = new GraphExport(network, state).model();
        if (model.size() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("network " + network.name() + " as ONNX has " + model.size()
                    + " bytes: a file holds at most " + Integer.MAX_VALUE);
        }
        model.write(out);
    }
}
