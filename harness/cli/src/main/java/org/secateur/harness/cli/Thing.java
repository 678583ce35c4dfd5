package org.secateur.harness.cli;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.secateur.models.core.graph.Network;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;

/** What can be compared. */
sealed interface Thing {
    /** Types by their text. */
    Map<String, DataType> TYPES =
            Arrays.stream(DataType.values()).collect(Collectors.toMap(DataType::text, Function.identity()));
    /** Layouts by their text. */
    Map<String, Layout> LAYOUTS =
            Arrays.stream(Layout.values()).collect(Collectors.toMap(Layout::text, Function.identity()));

    /** A network, whole, computed in an arithmetic. */
    record OfNetwork(Network network, Arithmetic arithmetic) implements Thing {}

    /** One launch. */
    record OfWorkload(Workload workload) implements Thing {}

    /**
     * The thing that a user means: a workload's text, a checkpoint, or a network, maybe at widths after an {@code @}; of the
     * last two also the layout and the type in which they are computed, each after an {@code @}.
     *
     * @throws SecateurException when it is none of them
     */
    static Thing parse(String text) {
        if (text.contains(" pass=")) {
            return new OfWorkload(Workload.parse(text));
        }
        String rest = text;
        Map<String, String> named = new HashMap<>();
        for (int at = rest.lastIndexOf('@'); at >= 0; at = rest.lastIndexOf('@')) {
            String word = rest.substring(at + 1);
            String what = TYPES.containsKey(word) ? "type" : LAYOUTS.containsKey(word) ? "layout" : "";
            if (what.isEmpty()) {
                break;
            }
            String other = named.put(what, word);
            if (other != null) {
                throw SecateurException.badInput(
                        other.equals(word)
                                ? "\"" + word + "\" stands twice"
                                : other + " and " + word + " exclude each other",
                        "\"" + text + "\"",
                        "name one " + what);
            }
            rest = rest.substring(0, at);
        }
        Arithmetic arithmetic = new Arithmetic(
                Objects.requireNonNull(TYPES.get(named.getOrDefault("type", DataType.F32.text()))),
                MathMode.DEFAULT,
                Objects.requireNonNull(LAYOUTS.get(named.getOrDefault("layout", Layout.NCHW.text()))));
        return new OfNetwork(network(rest), arithmetic);
    }

    private static Network network(String text) {
        int at = text.indexOf('@');
        NetworkOptions options = new NetworkOptions();
        options.network = at < 0 ? text : text.substring(0, at);
        if (options.network.isBlank()) {
            throw SecateurException.badInput(
                    "nothing is named", "\"" + text + "\"", "name a network, a checkpoint or a workload");
        }
        Network network = options.required();
        return at < 0 ? network : Widths.applied(network, text.substring(at + 1));
    }
}
