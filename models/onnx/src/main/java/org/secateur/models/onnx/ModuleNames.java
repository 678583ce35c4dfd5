package org.secateur.models.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.lowering.Lowering;

/**
 * Names nodes as PyTorch names the modules that they come from: by their weights ({@code layer1.0.conv1.weight}), else by
 * the scope that PyTorch's exporter writes ({@code /layer1/layer1.0/conv1/Conv}), else by the file's own name. Each is
 * given once.
 */
final class ModuleNames {
    private static final int LONGEST = 120;
    private static final String WEIGHT = ".weight";
    /** What training calls its own. */
    private static final Set<String> RESERVED =
            Set.of(Network.INPUT, Lowering.LABELS, Lowering.LOSS, Lowering.PROBABILITIES, Lowering.OPTIMIZER);
    /** Operators that are functions rather than modules, so that their scope names what they stand in. */
    private static final Set<String> FUNCTIONS =
            Set.of("Add", "Sub", "Concat", "Flatten", "Reshape", "Pad", "Slice", "Gather", "ReduceMean");

    /** How often a name was asked for. */
    private final Map<String, Integer> given = new HashMap<>();

    ModuleNames() {
        RESERVED.forEach(name -> given.put(name, 1));
    }

    /** A name of a file, short and without anything that a terminal or a file system would obey. */
    static String shown(String name) {
        String shown = name.length() > LONGEST ? name.substring(0, LONGEST) + "..." : name;
        return shown.replaceAll("[^\\p{Alnum}._:/ +-]", "_");
    }

    /**
     * The name of a node.
     *
     * @param weight the name of its first weight, or empty
     */
    String of(OnnxNode node, String weight) {
        return unique(shown(base(node, weight)));
    }

    /** The name of a pad that stands before the node of {@link #of}. */
    String pad(OnnxNode node, String weight) {
        return unique(shown(base(node, weight)) + ".pad");
    }

    private static String base(OnnxNode node, String weight) {
        String name = weight.endsWith(WEIGHT) ? weight.substring(0, weight.length() - WEIGHT.length()) : "";
        if (name.isBlank()) {
            name = node.name().startsWith("/") ? scope(node) : node.name();
        }
        if (name.isBlank()) {
            name = node.outputs().isEmpty() ? node.operator() : node.outputs().get(0);
        }
        return name;
    }

    private String unique(String name) {
        String base = name.isBlank() ? "node" : name;
        String unique = base;
        while (given.containsKey(unique)) {
            int times = given.getOrDefault(base, 0) + 1;
            given.put(base, times);
            unique = base + "_" + times;
        }
        given.put(unique, 1);
        return unique;
    }

    /** {@code /features/features.1/conv/conv.0/Conv} is {@code features.1.conv.0}: an index repeats what it is in. */
    private static String scope(OnnxNode node) {
        String[] scopes = node.name().substring(1).split("/", -1);
        List<String> path = new ArrayList<>();
        for (int i = 0; i + 1 < scopes.length; i++) {
            int last = path.size() - 1;
            if (last >= 0 && scopes[i].startsWith(path.get(last) + ".")) {
                path.set(last, scopes[i]);
            } else {
                path.add(scopes[i]);
            }
        }
        if (path.isEmpty() || FUNCTIONS.contains(node.operator())) {
            path.add(scopes[scopes.length - 1].toLowerCase(Locale.ROOT));
        }
        return String.join(".", path);
    }
}
