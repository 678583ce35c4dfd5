package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Counts;
import org.secateur.models.core.graph.Counts.LayerCount;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.models.core.memory.TrainingMemory;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.models.libtorch.WeightsFile;
import org.secateur.models.onnx.OnnxFile;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a network is made of. */
@Command(
        name = "network",
        description =
                "Layers, shapes, multiply-accumulates, parameters and channel groups of a network or an ONNX file.",
        footer = {
            "",
            "Examples:",
            "  secateur network --list",
            "  secateur network resnet20",
            "  secateur network vgg16 --input 3x64x64 --classes 200 --json",
            "  secateur network resnet20 --widths widths.json",
            "  secateur network resnet20 --widths uniform:0.5",
            "  secateur network resnet20 --batch 128 --layout nhwc",
            "  secateur network model.onnx --widths widths.json --onnx smaller.onnx",
            "  secateur network runs/NAME/pruned.safetensors --onnx pruned.onnx"
        })
final class NetworkCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    private final WidthsOption widths = new WidthsOption();

    @Parameters(arity = "0..1", paramLabel = "NAME|FILE", description = "The network, as --network.")
    @Nullable
    private String name;

    @Mixin
    private final ArithmeticOptions arithmetic = new ArithmeticOptions();

    @Option(
            names = "--onnx",
            paramLabel = "FILE",
            description =
                    "Write the network as ONNX: with the weights of --from or of the file that it comes from, else with"
                            + " fresh ones by --seed.")
    @Nullable
    private Path onnx;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description =
                    "Take the network's weights out of a safetensors file that has them by PyTorch's names, or of a"
                            + " checkpoint.")
    @Nullable
    private Path from;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Also model the native memory that training takes on the CPU with N images in a step, in --dtype and"
                            + " --layout, without Java's heap and the group lasso.")
    @Nullable
    private Integer batch;

    @Option(names = "--list", description = "List the names of all networks with their sizes.")
    private boolean list;

    NetworkCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (list) {
            list();
        } else {
            StartingPoint start = widths.applied(start());
            if (onnx != null) {
                write(start, onnx);
            }
            show(start.network());
        }
        return ExitCode.DONE.code();
    }

    private StartingPoint start() {
        StartingPoint named = network.named(chosen());
        return from == null
                ? named
                : new StartingPoint(named.network(), Optional.of(WeightsFile.read(from, named.network())));
    }

    private void write(StartingPoint start, Path file) {
        ModelState weights = start.weights().orElseGet(() -> new Initializer(common.seed).initialize(start.network()));
        WholeFile.writeBytes(file, new OnnxFile(start.network(), weights)::write);
    }

    private String chosen() {
        if (name != null && network.network != null && !name.equals(network.network)) {
            throw SecateurException.badInput(
                    "two networks are named", name + " and " + network.network, "name one of them");
        }
        if (name == null && network.network == null) {
            throw SecateurException.badInput(
                    "no network is named", "secateur network", "name one, or see all with --list");
        }
        return name != null ? name : String.valueOf(network.network);
    }

    private void list() {
        Columns text = new Columns("network", "input", "classes", "MACs", "parameters");
        List<Object> networks = new ArrayList<>();
        for (String each : Zoo.names()) {
            Network one = Zoo.network(each);
            Counts counts = Counts.of(one);
            text.row(
                    each,
                    one.input().text(),
                    one.classes(),
                    Text.si((double) counts.macs().total()),
                    Text.si((double) counts.parameters().total()));
            networks.add(about(one, counts));
        }
        if (common.json) {
            Map<String, Object> document = document();
            document.put("networks", networks);
            session.console().result(Json.write(document));
        } else {
            session.console().result(text.text());
        }
    }

    private Map<String, Object> document() {
        return Json.document("network", Json.noDevice(common.device, "this command uses no device"), List.of());
    }

    private static Map<String, Object> about(Network network, Counts counts) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", network.name());
        json.put("input", list(network.input()));
        json.put("classes", network.classes());
        json.put("macs", Json.count(counts.macs()));
        json.put("parameters", Json.count(counts.parameters()));
        return json;
    }

    private static List<Integer> list(Shape shape) {
        return List.of(shape.channels(), shape.height(), shape.width());
    }

    private void show(Network shown) {
        Counts counts = Counts.of(shown);
        ChannelGroups groups = ChannelGroups.of(shown);
        Optional<TrainingMemory> memory = memory(shown);
        session.console()
                .result(
                        common.json
                                ? json(shown, counts, groups, memory)
                                : text(shown, counts, groups)
                                        + memory.map(NetworkCommand::text).orElse(""));
    }

    private Optional<TrainingMemory> memory(Network shown) {
        if (batch == null) {
            return Optional.empty();
        }
        Arithmetic of = arithmetic.of("cpu");
        return Optional.of(
                TrainingMemory.of(shown, BatchOptions.checked("--batch", batch), of.dataType(), of.layout()));
    }

    private static String text(TrainingMemory memory) {
        return ("memory of training with %d images in a step, modelled: %sB (weights %sB, gradients %sB, momentum %sB,"
                        + " images %sB, activations %sB, their gradients %sB, workspace %sB, allocator %sB)%n")
                .formatted(
                        memory.batch(),
                        bytes(memory.peak()),
                        bytes(memory.parameters() + memory.buffers()),
                        bytes(memory.gradients()),
                        bytes(memory.momentum()),
                        bytes(memory.inputs()),
                        bytes(memory.activations()),
                        bytes(memory.activationGradients()),
                        bytes(memory.workspace()),
                        bytes(memory.allocator()));
    }

    private static String bytes(long number) {
        return Text.si((double) number);
    }

    private static Map<String, Object> json(TrainingMemory memory) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("batch", memory.batch());
        json.put("parameterBytes", memory.parameters());
        json.put("gradientBytes", memory.gradients());
        json.put("momentumBytes", memory.momentum());
        json.put("bufferBytes", memory.buffers());
        json.put("inputBytes", memory.inputs());
        json.put("activationBytes", memory.activations());
        json.put("activationGradientBytes", memory.activationGradients());
        json.put("workspaceBytes", memory.workspace());
        json.put("allocatorBytes", memory.allocator());
        json.put("peakBytes", memory.peak());
        json.put("provenance", "MODELLED");
        return json;
    }

    private String json(Network shown, Counts counts, ChannelGroups groups, Optional<TrainingMemory> memory) {
        Map<String, Shape> shapes = Shapes.of(shown);
        List<Object> layers = new ArrayList<>();
        for (int i = 0; i < shown.nodes().size(); i++) {
            Node node = shown.nodes().get(i);
            LayerCount count = counts.layers().get(i);
            Map<String, Object> layer = new LinkedHashMap<>();
            layer.put("name", node.name());
            layer.put("operation", operation(node.layer()));
            layer.put("output", list(Shapes.require(shapes, node.name())));
            layer.put("macs", Json.count(count.macs()));
            layer.put("parameters", Json.count(count.parameters()));
            layer.put("group", ids(groups, node));
            layers.add(layer);
        }
        List<Object> all = new ArrayList<>();
        for (ChannelGroup group : groups.groups()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("id", group.id());
            json.put("channels", group.channels());
            json.put("members", group.nodes());
            json.put("prunable", group.prunable());
            json.put("reason", group.reason());
            all.add(json);
        }
        Map<String, Object> document = document();
        document.putAll(about(shown, counts));
        document.put("layers", layers);
        document.put("groups", all);
        memory.ifPresent(m -> document.put("memory", json(m)));
        return Json.write(document);
    }

    private static String text(Network shown, Counts counts, ChannelGroups groups) {
        Map<String, Shape> shapes = Shapes.of(shown);
        Columns layers = new Columns("layer", "operation", "output", "MACs", "parameters", "group");
        for (int i = 0; i < shown.nodes().size(); i++) {
            Node node = shown.nodes().get(i);
            LayerCount count = counts.layers().get(i);
            layers.row(
                    node.name(),
                    operation(node.layer()),
                    Shapes.require(shapes, node.name()).text(),
                    amount(count.macs().total()),
                    amount(count.parameters().total()),
                    brief(groups.of(node.name())));
        }
        Columns table = new Columns("group", "channels", "prunable", "members");
        for (ChannelGroup group : groups.groups()) {
            table.row(
                    group.id(),
                    group.channels(),
                    group.prunable() ? "yes" : "no: " + group.reason(),
                    String.join(" ", group.nodes()));
        }
        return "%s  input %s  classes %d%n%n%s%n%s%nMACs of one image: %s%nparameters: %s%n"
                .formatted(
                        shown.name(),
                        shown.input().text(),
                        shown.classes(),
                        layers.text(),
                        table.text(),
                        count(counts.macs()),
                        count(counts.parameters()));
    }

    /** The groups of a node's output, of which a concatenation has several. */
    private static String ids(ChannelGroups groups, Node node) {
        return groups.of(node.name()).stream().map(ChannelGroup::id).collect(Collectors.joining(" "));
    }

    private static String brief(List<ChannelGroup> groups) {
        String first = groups.get(0).id();
        return groups.size() == 1 ? first : first + " and " + (groups.size() - 1) + " more";
    }

    private static String amount(long number) {
        return number == 0 ? "-" : Text.si((double) number);
    }

    private static String count(Counts.Count count) {
        return "%,d (convolution %,d, linear %,d, other %,d)"
                .formatted(count.total(), count.convolution(), count.linear(), count.other());
    }

    private static String operation(Layer layer) {
        return switch (layer) {
            case Layer.Convolution l ->
                "convolution " + size(l.kernel().height(), l.kernel().width())
                        + (l.stride().height() == 1
                                ? ""
                                : " stride " + l.stride().height())
                        + (l.groups() == 1 ? "" : " groups " + l.groups());
            case Layer.BatchNorm l -> "batch norm";
            case Layer.Activation l -> l.kind().text();
            case Layer.Pooling l ->
                l.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " pooling "
                        + size(l.window().height(), l.window().width());
            case Layer.Pad l -> "pad " + l.before().text() + " and " + l.after().text();
            case Layer.GlobalAveragePool l -> "global average pooling";
            case Layer.Flatten l -> "flatten";
            case Layer.Linear l -> "linear";
            case Layer.Add l -> "add";
            case Layer.Shift l -> "shift";
            case Layer.Concat l -> "concat";
            case Layer.IndexMap l -> "index map";
        };
    }

    private static String size(int height, int width) {
        return height + "x" + width;
    }
}
