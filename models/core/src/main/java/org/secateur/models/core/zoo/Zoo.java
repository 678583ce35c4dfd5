package org.secateur.models.core.zoo;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.results.core.NearestName;

/** The networks that have a name. */
public final class Zoo {
    /** CIFAR's images, for the networks in CIFAR form. */
    private static final Shape CIFAR = new Shape(3, 32, 32);

    private static final Map<String, Entry> ENTRIES = entries();

    private Zoo() {}

    /** A network with its default image and classes. */
    private record Entry(Shape input, int classes, Architecture architecture) {}

    private interface Architecture {
        List<Node> nodes(Shape input, int classes);
    }

    /** Every default of the zoo. */
    private static Map<String, Entry> entries() {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (int depth : new int[] {8, 20, 32, 44, 56, 110}) {
            entries.put("resnet" + depth, new Entry(CIFAR, 10, (in, classes) -> ResNet.nodes(depth, false, classes)));
            entries.put(
                    "resnet" + depth + "-proj",
                    new Entry(CIFAR, 10, (in, classes) -> ResNet.nodes(depth, true, classes)));
        }
        for (int depth : new int[] {8, 11, 13, 16}) {
            entries.put("vgg" + depth, new Entry(CIFAR, 10, (in, classes) -> Vgg.nodes(depth, true, in, classes)));
            entries.put(
                    "vgg" + depth + "-nobn",
                    new Entry(CIFAR, 10, (in, classes) -> Vgg.nodes(depth, false, in, classes)));
        }
        return Collections.unmodifiableMap(entries);
    }

    /** The names, in the order in which they are listed. */
    public static List<String> names() {
        return List.copyOf(ENTRIES.keySet());
    }

    /** The network with its default image and classes. */
    public static Network network(String name) {
        return network(name, Optional.empty(), OptionalInt.empty());
    }

    /**
     * The network of that name.
     *
     * @param input the image, else the network's default
     * @param classes the classes, else the network's default
     * @throws IllegalArgumentException for an unknown name, with the nearest known one, and for an image that is too
     *     small, naming the node
     */
    public static Network network(String name, Optional<Shape> input, OptionalInt classes) {
        Entry entry = ENTRIES.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("unknown network \"" + name + "\": did you mean "
                    + NearestName.of(name, names()) + "? Known are " + String.join(", ", names()));
        }
        Shape image = input.orElse(entry.input());
        int outputs = classes.orElse(entry.classes());
        if (outputs < 1) {
            throw new IllegalArgumentException(
                    "network " + name + " with " + outputs + " classes: expected at least 1");
        }
        Network network = new Network(name, image, outputs, entry.architecture().nodes(image, outputs));
        Shapes.of(network);
        return network;
    }
}
