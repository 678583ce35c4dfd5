package org.secateur.models.libtorch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;

/** The structure of a network as one line of JSON, as checkpoints carry it: equal networks give equal text. */
public final class NetworkJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private NetworkJson() {}

    /** The network as JSON. */
    public static String write(Network network) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("name", network.name());
        root.putArray("input")
                .add(network.input().channels())
                .add(network.input().height())
                .add(network.input().width());
        root.put("classes", network.classes());
        var nodes = root.putArray("nodes");
        for (Node node : network.nodes()) {
            ObjectNode json = nodes.addObject();
            json.put("name", node.name());
            var inputs = json.putArray("inputs");
            node.inputs().forEach(inputs::add);
            describe(node.layer(), json);
        }
        return root.toString();
    }

    /**
     * The network of that JSON.
     *
     * @throws IllegalArgumentException when it is no network
     */
    public static Network read(String json) {
        try {
            JsonNode root = MAPPER.readTree(json);
            JsonNode input = root.required("input");
            List<Node> nodes = new ArrayList<>();
            for (JsonNode node : root.required("nodes")) {
                List<String> inputs = new ArrayList<>();
                node.required("inputs").forEach(i -> inputs.add(i.asText()));
                nodes.add(new Node(node.required("name").asText(), layer(node), inputs));
            }
            return new Network(
                    root.required("name").asText(),
                    new Shape(
                            input.required(0).asInt(),
                            input.required(1).asInt(),
                            input.required(2).asInt()),
                    root.required("classes").asInt(),
                    nodes);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("network JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static void describe(Layer layer, ObjectNode json) {
        switch (layer) {
            case Layer.Convolution c ->
                json.put("type", "convolution")
                        .put("outputs", c.outputs())
                        .put("kernel", c.kernel().text())
                        .put("stride", c.stride().text())
                        .put("padding", c.padding().text())
                        .put("dilation", c.dilation().text())
                        .put("groups", c.groups())
                        .put("bias", c.bias());
            case Layer.BatchNorm b ->
                json.put("type", "batchnorm").put("epsilon", b.epsilon()).put("momentum", b.momentum());
            case Layer.Activation a ->
                json.put("type", "activation").put("kind", a.kind().text().toUpperCase(Locale.ROOT));
            case Layer.Pooling p -> {
                json.put("type", "pooling")
                        .put("kind", p.kind().name())
                        .put("window", p.window().text())
                        .put("stride", p.stride().text())
                        .put("padding", p.padding().text())
                        .put("ceil", p.ceil());
                if (!p.dilation().equals(Extent.of(1))) {
                    json.put("dilation", p.dilation().text());
                }
            }
            case Layer.Pad p ->
                json.put("type", "pad")
                        .put("before", p.before().text())
                        .put("after", p.after().text())
                        .put("value", p.value());
            case Layer.GlobalAveragePool g -> json.put("type", "globalaveragepool");
            case Layer.Flatten f -> json.put("type", "flatten");
            case Layer.Linear l ->
                json.put("type", "linear").put("outputs", l.outputs()).put("bias", l.bias());
            case Layer.Add a -> json.put("type", "add");
            case Layer.Shift s ->
                json.put("type", "shift").put("operand", s.operand().name());
            case Layer.Concat c -> json.put("type", "concat");
            case Layer.IndexMap m -> {
                json.put("type", "indexmap").put("stride", m.stride().text());
                var sources = json.putArray("sources");
                m.sources().forEach(sources::add);
            }
        }
    }

    private static Layer layer(JsonNode json) {
        String type = json.required("type").asText();
        return switch (type) {
            case "convolution" ->
                new Layer.Convolution(
                        json.required("outputs").asInt(),
                        extent(json, "kernel"),
                        extent(json, "stride"),
                        extent(json, "padding"),
                        extent(json, "dilation"),
                        json.required("groups").asInt(),
                        json.required("bias").asBoolean());
            case "batchnorm" ->
                new Layer.BatchNorm(
                        json.required("epsilon").asDouble(),
                        json.required("momentum").asDouble());
            case "activation" ->
                new Layer.Activation(
                        ActivationKind.parse(json.required("kind").asText().toLowerCase(Locale.ROOT)));
            case "pooling" ->
                new Layer.Pooling(
                        PoolingKind.valueOf(json.required("kind").asText()),
                        extent(json, "window"),
                        extent(json, "stride"),
                        extent(json, "padding"),
                        json.path("ceil").asBoolean(),
                        json.has("dilation") ? extent(json, "dilation") : Extent.of(1));
            case "pad" ->
                new Layer.Pad(
                        extent(json, "before"),
                        extent(json, "after"),
                        json.required("value").asDouble());
            case "globalaveragepool" -> new Layer.GlobalAveragePool();
            case "flatten" -> new Layer.Flatten();
            case "linear" ->
                new Layer.Linear(
                        json.required("outputs").asInt(), json.required("bias").asBoolean());
            case "add" -> new Layer.Add();
            case "shift" ->
                new Layer.Shift(Operand.valueOf(json.required("operand").asText()));
            case "concat" -> new Layer.Concat();
            case "indexmap" -> {
                List<Integer> sources = new ArrayList<>();
                json.required("sources").forEach(s -> sources.add(s.asInt()));
                yield new Layer.IndexMap(sources, extent(json, "stride"));
            }
            default -> throw new IllegalArgumentException("layer type \"" + type + "\" is not known");
        };
    }

    private static Extent extent(JsonNode json, String field) {
        return Extent.parse(json.required(field).asText());
    }
}
