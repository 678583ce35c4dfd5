package org.secateur.results.core.cost;

import java.util.List;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Workload;

/**
 * A line through the space of workloads on which only one width differs, with a workload's position on it. A
 * convolution lies on two lines, over its input and its output channels (a depthwise one on a single line over both),
 * and a linear layer too. An elementwise operation lies on one, over the elements that it moves.
 *
 * @param family the canonical text with {@code *} for what varies
 * @param axis the name of what varies
 */
record WidthLine(String family, String axis, long position) {

    static List<WidthLine> through(Workload workload) {
        String text = workload.text();
        return switch (workload.operation()) {
            case Convolution o ->
                isDepthwise(o)
                        ? List.of(new WidthLine(vary(vary(vary(text, "c"), "k"), "groups"), "c", o.c()))
                        : List.of(
                                new WidthLine(vary(text, "k"), "k", o.k()), new WidthLine(vary(text, "c"), "c", o.c()));
            case Linear o ->
                List.of(
                        new WidthLine(vary(text, "out"), "out", o.out()),
                        new WidthLine(vary(text, "in"), "in", o.in()));
            case Operation o -> List.of(new WidthLine(family(workload), "elements", o.elementsMoved()));
        };
    }

    /** The canonical text with {@code *} for every width: what workloads of one kind and spatial size have in common. */
    static String family(Workload workload) {
        String text = workload.text();
        for (String width : List.of("c", "k", "in", "out", "mapped", "classes", "parameters")) {
            text = vary(text, width);
        }
        text = text.replaceFirst("(?<= channels=)[\\d,]+", "*");
        boolean depthwise = workload.operation() instanceof Convolution o && isDepthwise(o);
        return depthwise ? vary(text, "groups") : text;
    }

    /** Whether every channel is convolved by itself. */
    static boolean isDepthwise(Convolution convolution) {
        return convolution.groups() > 1
                && convolution.groups() == convolution.c()
                && convolution.c() == convolution.k();
    }

    private static String vary(String text, String key) {
        return text.replaceFirst(" " + key + "=\\d+", " " + key + "=*");
    }

    /** Whether the cost along the line is affine in the position, rather than a staircase. */
    static boolean isAffine(Workload workload) {
        return !(workload.operation() instanceof Convolution || workload.operation() instanceof Linear);
    }
}
