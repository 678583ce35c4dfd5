package org.secateur.results.core.cost;

import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.statistics.Estimate;

/**
 * The proxy that pruning papers use: seconds are multiply-accumulates over a constant throughput, and an elementwise
 * operation costs nothing. For comparison with measured costs.
 *
 * @param macsPerSecond the throughput; it cancels in every relative budget
 */
public record MacCosts(double macsPerSecond) implements CostModel {
    public MacCosts {
        if (!(macsPerSecond > 0)) {
            throw new IllegalArgumentException("throughput " + macsPerSecond + " macs/s must be positive");
        }
    }

    @Override
    public String name() {
        return "macs";
    }

    @Override
    public Cost predict(Workload workload) {
        return new Cost(
                Quantity.modelled(Estimate.exact(workload.macs() / macsPerSecond), name()),
                Quantity.unavailable("multiply-accumulates say nothing of energy"));
    }
}
