package org.secateur.models.core.zoo;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.models.core.zoo.ResNet.Shortcut;
import org.secateur.results.core.NearestName;

/** The networks that have a name. */
public final class Zoo {
    /** CIFAR's images, for the networks in CIFAR form. */
    private static final Shape CIFAR = new Shape(3, 32, 32);

    /** ImageNet's images as networks are evaluated on them, with its 1000 classes. */
    private static final Shape IMAGENET = new Shape(3, 224, 224);

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
            entries.put("resnet" + depth, cifar(classes -> ResNet.cifar(depth, Shortcut.PADDED, classes)));
            entries.put("resnet" + depth + "-proj", cifar(classes -> ResNet.cifar(depth, Shortcut.PROJECTED, classes)));
        }
        entries.put("preresnet164", cifar(classes -> PreActivationResNet.bottlenecks(164, classes)));
        entries.put("wideresnet40-2", cifar(classes -> PreActivationResNet.wide(40, 2, classes)));
        entries.put("densenet40", cifar(classes -> DenseNet.cifar(40, 12, classes)));
        for (int depth : new int[] {8, 11, 13, 16, 19}) {
            entries.put("vgg" + depth, new Entry(CIFAR, 10, (in, classes) -> Vgg.nodes(depth, true, in, classes)));
            entries.put(
                    "vgg" + depth + "-nobn",
                    new Entry(CIFAR, 10, (in, classes) -> Vgg.nodes(depth, false, in, classes)));
        }
        entries.put("resnet18", large(classes -> ResNet.large(false, new int[] {2, 2, 2, 2}, classes)));
        entries.put("resnet34", large(classes -> ResNet.large(false, new int[] {3, 4, 6, 3}, classes)));
        entries.put("resnet50", large(classes -> ResNet.large(true, new int[] {3, 4, 6, 3}, classes)));
        entries.put("resnet101", large(classes -> ResNet.large(true, new int[] {3, 4, 23, 3}, classes)));
        entries.put("resnet152", large(classes -> ResNet.large(true, new int[] {3, 8, 36, 3}, classes)));
        entries.put("alexnet", large(AlexNet::nodes));
        entries.put("googlenet", large(GoogLeNet::nodes));
        entries.put("squeezenet", large(SqueezeNet::nodes));
        entries.put("densenet121", large(classes -> DenseNet.large(new int[] {6, 12, 24, 16}, classes)));
        entries.put("mobilenetv1", large(MobileNet::version1));
        entries.put("mobilenetv2", large(MobileNet::version2));
        return Collections.unmodifiableMap(entries);
    }

    private static Entry cifar(IntFunction<List<Node>> architecture) {
        return new Entry(CIFAR, 10, (in, classes) -> architecture.apply(classes));
    }

    private static Entry large(IntFunction<List<Node>> architecture) {
        return new Entry(IMAGENET, 1000, (in, classes) -> architecture.apply(classes));
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
