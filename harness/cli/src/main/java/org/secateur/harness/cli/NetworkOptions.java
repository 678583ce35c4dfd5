package org.secateur.harness.cli;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Option;

/** Which network, and for what images. */
final class NetworkOptions {
    private static final Pattern INPUT = Pattern.compile("(\\d{1,5})x(\\d{1,5})x(\\d{1,5})");

    /** So that no layer of the zoo, which has at most 160 channels at full size (densenet40), exceeds an int. */
    private static final long MOST_ELEMENTS = 1L << 23;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "Network of the zoo, for example resnet20; secateur network --list names them all.")
    @Nullable
    String network;

    @Option(names = "--input", paramLabel = "CxHxW", description = "Shape of the images, for example 3x32x32.")
    @Nullable
    String input;

    @Option(names = "--classes", paramLabel = "N", description = "Number of classes.")
    @Nullable
    Integer classes;

    /** The network, with its own defaults where nothing else is said. */
    Network network(String defaultName) {
        return Zoo.network(
                Optional.ofNullable(network).orElse(defaultName),
                shape(),
                classes == null ? OptionalInt.empty() : OptionalInt.of(classes));
    }

    /**
     * The network that must be named.
     *
     * @throws SecateurException when it is not
     */
    Network required() {
        if (network == null) {
            throw SecateurException.badInput(
                    "no network is named", "--network", "name one of those that secateur network --list shows");
        }
        return network(network);
    }

    /** The network for images of a data set, unless the options say otherwise. */
    Network network(String defaultName, Shape dataShape, int dataClasses) {
        return Zoo.network(
                Optional.ofNullable(network).orElse(defaultName),
                shape().or(() -> Optional.of(dataShape)),
                OptionalInt.of(classes == null ? dataClasses : classes));
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
