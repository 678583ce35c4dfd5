package org.secateur.results.core.cost;

import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.statistics.Estimate;

/**
 * The bound of arithmetic and memory (Williams, Waterman and Patterson 2009): the longer of the time that the
 * floating-point operations take at peak (two per multiply-accumulate) and the time that each tensor takes to move once.
 */
public record Roofline(double flopsPerSecond, double bytesPerSecond) implements CostModel {
    public Roofline {
        if (!(flopsPerSecond > 0) || !(bytesPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "peaks " + flopsPerSecond + " flop/s and " + bytesPerSecond + " bytes/s must be positive");
        }
    }

    @Override
    public String name() {
        return "roofline";
    }

    @Override
    public Cost predict(Workload workload) {
        double compute = 2.0 * workload.macs() / flopsPerSecond;
        double memory = workload.bytesMoved() / bytesPerSecond;
        return new Cost(
                Quantity.modelled(Estimate.exact(Math.max(compute, memory)), name()),
                Quantity.unavailable("a roofline says nothing of energy"));
    }
}
