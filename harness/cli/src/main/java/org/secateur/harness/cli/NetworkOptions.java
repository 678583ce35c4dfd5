package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.models.onnx.OnnxFile;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Option;

/** Which network, and for what images. */
final class NetworkOptions {
    private static final Pattern INPUT = Pattern.compile("(\\d{1,5})x(\\d{1,5})x(\\d{1,5})");

    /** So that no layer of the zoo, which has at most 160 channels at full size (densenet40), exceeds an int. */
    private static final long MOST_ELEMENTS = 1L << 23;

    @Option(
            names = "--network",
            paramLabel = "NAME|FILE",
            description =
                    "Network of the zoo, for example resnet20 (secateur network --list names them all), an ONNX file, or"
                            + " a checkpoint (.safetensors); training begins with a file's weights. Run, prune and train take"
                            + " resnet8 by default.")
    @Nullable
    String network;

    @Option(names = "--input", paramLabel = "CxHxW", description = "Shape of the images, for example 3x32x32.")
    @Nullable
    String input;

    @Option(names = "--classes", paramLabel = "N", description = "Number of classes.")
    @Nullable
    Integer classes;

    /** The network of that name or file, with its own defaults where nothing else is said. */
    StartingPoint named(String name) {
        return isCheckpoint(name)
                ? checkpoint(name)
                : isOnnx(name) ? onnx(name, shape()) : ofZoo(name, shape(), classes());
    }

    /**
     * The network that must be named.
     *
     * @throws SecateurException when it is not
     */
    Network required() {
        if (network == null) {
            throw SecateurException.badInput(
                    "no network is named",
                    "--network",
                    "name one of those that secateur network --list shows, an ONNX file or a checkpoint");
        }
        return named(network).network();
    }

    /** The network for images of a data set, unless the options say otherwise. */
    StartingPoint fitting(String defaultName, Dataset data) {
        String name = Optional.ofNullable(network).orElse(defaultName);
        if (isCheckpoint(name)) {
            return checkpoint(name).fitting(data, name);
        }
        if (isOnnx(name)) {
            return onnx(name, shape().or(() -> Optional.of(data.shape()))).fitting(data, name);
        }
        return ofZoo(
                name,
                shape().or(() -> Optional.of(data.shape())),
                OptionalInt.of(classes().orElse(data.classes())));
    }

    /** Where the network comes from a file that may have lost its batch norms: that it has none. */
    Optional<String> caution(Network network) {
        boolean bare = network.nodes().stream().anyMatch(node -> node.layer() instanceof Layer.Convolution)
                && network.nodes().stream().noneMatch(node -> node.layer() instanceof Layer.BatchNorm);
        return this.network != null && isOnnx(this.network) && bare
                ? Optional.of(this.network
                        + " has convolutions and no batch norm: if the exporter folded them into the convolutions (PyTorch's"
                        + " default), export it as the README says, since what is left trains badly")
                : Optional.empty();
    }

    private static boolean isOnnx(String name) {
        return name.endsWith(".onnx");
    }

    private static boolean isCheckpoint(String name) {
        return name.endsWith(".safetensors");
    }

    private StartingPoint checkpoint(String name) {
        StartingPoint start = StartingPoint.read(Path.of(name));
        Shape held = start.network().input();
        if (!shape().orElse(held).equals(held)) {
            throw SecateurException.badInput(
                    "--input " + input + ": the file's network takes images of " + held.text(),
                    name,
                    "leave the option out");
        }
        return withItsClasses(start, name);
    }

    private static StartingPoint ofZoo(String name, Optional<Shape> shape, OptionalInt classes) {
        return new StartingPoint(Zoo.network(name, shape, classes), Optional.empty());
    }

    private StartingPoint onnx(String name, Optional<Shape> shape) {
        OnnxFile file = OnnxFile.read(Path.of(name), shape);
        return withItsClasses(new StartingPoint(file.network(), Optional.of(file.state())), name);
    }

    private StartingPoint withItsClasses(StartingPoint start, String name) {
        int held = start.network().classes();
        if (classes().orElse(held) != held) {
            throw SecateurException.badInput(
                    "--classes " + classes + ": the file's network has " + held, name, "leave the option out");
        }
        return start;
    }

    private OptionalInt classes() {
        return classes == null ? OptionalInt.empty() : OptionalInt.of(classes);
    }

    private Optional<Shape> shape() {
        if (input == null) {
            return Optional.empty();
        }
        Matcher m = INPUT.matcher(input);
        if (!m.matches()) {
            throw new IllegalArgumentException("--input " + input + ": expected CxHxW, for example 3x32x32");
        }
        long elements = Long.parseLong(m.group(1)) * Long.parseLong(m.group(2)) * Long.parseLong(m.group(3));
        if (elements > MOST_ELEMENTS) {
            throw new IllegalArgumentException(
                    "--input " + input + " has " + elements + " numbers: expected at most " + MOST_ELEMENTS);
        }
        return Optional.of(
                new Shape(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3))));
    }
}
