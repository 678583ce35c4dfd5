package org.secateur.results.core;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Concat;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.Operation.SoftmaxLoss;

/**
 * The canonical text of a workload: the operation's name, then {@code key=value} pairs in a fixed order, all of them
 * present, except {@code ceil}, which is there where it is true, and a pool's {@code dilation}, which is there where it
 * is not 1. It is the key of stored tables, so it never changes, with the user's language neither (whose digits
 * {@code format} would write); golden tests hold it.
 */
final class WorkloadText {
    private WorkloadText() {}

    static String write(Workload workload) {
        return operation(workload.operation())
                + " pass=" + workload.pass().text()
                + " dtype=" + workload.dataType().text()
                + " math=" + workload.mathMode().text()
                + " layout=" + workload.layout().text();
    }

    private static String operation(Operation operation) {
        return switch (operation) {
            case Convolution o ->
                "conv2d " + nchw(o.n(), o.c(), o.h(), o.w()) + " k=" + o.k() + " r=" + o.r() + " s=" + o.s()
                        + " stride=" + o.stride().text() + " pad=" + o.padding().text() + " dilation="
                        + o.dilation().text() + " groups=" + o.groups();
            case Linear o -> "linear n=" + o.n() + " in=" + o.in() + " out=" + o.out();
            case BatchNorm o ->
                "batchnorm " + nchw(o.n(), o.c(), o.h(), o.w()) + " mode=" + (o.training() ? "training" : "inference");
            case Activation o ->
                "activation " + nchw(o.n(), o.c(), o.h(), o.w()) + " kind="
                        + o.kind().text();
            case Pooling o ->
                "pooling " + nchw(o.n(), o.c(), o.h(), o.w()) + " kind=" + lower(o.kind()) + " window="
                        + o.window().text() + " stride=" + o.stride().text() + " pad="
                        + o.padding().text() + (o.ceil() ? " ceil=true" : "")
                        + (o.dilation().equals(Extent.of(1))
                                ? ""
                                : " dilation=" + o.dilation().text());
            case Pad o ->
                "pad " + nchw(o.n(), o.c(), o.h(), o.w()) + " before="
                        + o.before().text() + " after=" + o.after().text();
            case Add o -> "add " + nchw(o.n(), o.c(), o.h(), o.w()) + " operand=" + lower(o.operand());
            case Concat o ->
                "concat n=" + o.n() + " channels="
                        + o.channels().stream().map(String::valueOf).collect(Collectors.joining(",")) + " h=" + o.h()
                        + " w=" + o.w();
            case IndexMap o ->
                "indexmap " + nchw(o.n(), o.c(), o.h(), o.w()) + " k=" + o.k() + " mapped=" + o.mapped() + " stride="
                        + o.stride().text();
            case SoftmaxLoss o -> "softmaxloss n=" + o.n() + " classes=" + o.classes();
            case OptimizerStep o -> "optimizerstep parameters=" + o.parameters() + " tensors=" + o.tensors();
        };
    }

    private static String nchw(int n, int c, int h, int w) {
        return "n=" + n + " c=" + c + " h=" + h + " w=" + w;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Workload read(String text) {
        Fields f = Fields.of(text);
        Operation operation = switch (f.name) {
            case "conv2d" ->
                new Convolution(
                        f.number("n"),
                        f.number("c"),
                        f.number("h"),
                        f.number("w"),
                        f.number("k"),
                        f.number("r"),
                        f.number("s"),
                        f.extent("stride"),
                        f.extent("pad"),
                        f.extent("dilation"),
                        f.number("groups"));
            case "linear" -> new Linear(f.number("n"), f.number("in"), f.number("out"));
            case "batchnorm" ->
                new BatchNorm(
                        f.number("n"),
                        f.number("c"),
                        f.number("h"),
                        f.number("w"),
                        f.text("mode").equals("training"));
            case "activation" ->
                new Activation(
                        f.number("n"),
                        f.number("c"),
                        f.number("h"),
                        f.number("w"),
                        ActivationKind.parse(f.text("kind")));
            case "pooling" ->
                new Pooling(
                        f.number("n"),
                        f.number("c"),
                        f.number("h"),
                        f.number("w"),
                        f.value("kind", PoolingKind.class),
                        f.extent("window"),
                        f.extent("stride"),
                        f.extent("pad"),
                        f.values.containsKey("ceil"),
                        f.values.containsKey("dilation") ? f.extent("dilation") : Extent.of(1));
            case "pad" ->
                new Pad(
                        f.number("n"),
                        f.number("c"),
                        f.number("h"),
                        f.number("w"),
                        f.extent("before"),
                        f.extent("after"));
            case "add" ->
                new Add(f.number("n"), f.number("c"), f.number("h"), f.number("w"), f.value("operand", Operand.class));
            case "concat" -> new Concat(f.number("n"), f.numbers("channels"), f.number("h"), f.number("w"));
            case "indexmap" ->
                new IndexMap(
                        f.number("n"),
                        f.number("c"),
                        f.number("h"),
                        f.number("w"),
                        f.number("k"),
                        f.number("mapped"),
                        f.extent("stride"));
            case "softmaxloss" -> new SoftmaxLoss(f.number("n"), f.number("classes"));
            case "optimizerstep" -> new OptimizerStep(Long.parseLong(f.text("parameters")), f.number("tensors"));
            default -> throw new IllegalArgumentException("workload \"" + text + "\": unknown operation");
        };
        Workload workload = new Workload(
                operation,
                f.value("pass", Pass.class),
                f.value("dtype", DataType.class),
                f.value("math", MathMode.class),
                f.value("layout", Layout.class));
        if (!write(workload).equals(text)) {
            throw new IllegalArgumentException(
                    "workload \"" + text + "\" is not canonical: expected \"" + write(workload) + "\"");
        }
        return workload;
    }

    private record Fields(String source, String name, Map<String, String> values) {
        static Fields of(String text) {
            String[] words = text.split(" ", -1);
            Map<String, String> values = new LinkedHashMap<>();
            for (String word : Arrays.asList(words).subList(1, words.length)) {
                int equals = word.indexOf('=');
                if (equals < 0) {
                    throw new IllegalArgumentException("workload \"" + text + "\": expected key=value, found " + word);
                }
                values.put(word.substring(0, equals), word.substring(equals + 1));
            }
            return new Fields(text, words[0], values);
        }

        String text(String key) {
            String value = values.get(key);
            if (value == null) {
                throw new IllegalArgumentException("workload \"" + source + "\": " + key + " is missing");
            }
            return value;
        }

        int number(String key) {
            return number(key, text(key));
        }

        private int number(String key, String value) {
            try {
                return Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("workload \"" + source + "\": " + key + " is not a number", e);
            }
        }

        List<Integer> numbers(String key) {
            return Arrays.stream(text(key).split(",", -1))
                    .map(v -> number(key, v))
                    .toList();
        }

        Extent extent(String key) {
            return Extent.parse(text(key));
        }

        <E extends Enum<E>> E value(String key, Class<E> type) {
            String name = text(key).toUpperCase(Locale.ROOT).replace('-', '_');
            return Arrays.stream(type.getEnumConstants())
                    .filter(e -> e.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("workload \"" + source + "\": " + key
                            + " must be one of " + Arrays.toString(type.getEnumConstants())));
        }
    }
}
