package org.secateur.results.core.cost;

import java.util.Optional;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Workload;

/**
 * A convolution's or linear layer's place among the workloads that differ from it in batch and widths only.
 *
 * @param family the canonical text with {@code *} for batch and widths
 * @param n images
 * @param c input width: channels or features
 * @param k output width; 1 for a depthwise convolution, which has a single width
 */
record WidthPoint(String family, int n, int c, int k) {
    /** The place of a workload; empty for an elementwise operation. */
    static Optional<WidthPoint> of(Workload workload) {
        String family = WidthLine.family(workload).replaceFirst(" n=\\d+", " n=*");
        return switch (workload.operation()) {
            case Convolution o ->
                Optional.of(new WidthPoint(family, o.n(), o.c(), WidthLine.isDepthwise(o) ? 1 : o.k()));
            case Linear o -> Optional.of(new WidthPoint(family, o.n(), o.in(), o.out()));
            default -> Optional.empty();
        };
    }
}
