package org.secateur.results.core.cost;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;

/** Tables with known costs. */
final class Tables {
    private Tables() {}

    static Workload convolution(int c, int k) {
        return Workload.of(
                new Convolution(32, c, 16, 16, k, 3, 3, Extent.of(1), Extent.of(1), Extent.of(1), 1), Pass.FORWARD);
    }

    static Workload depthwise(int c) {
        return Workload.of(
                new Convolution(32, c, 16, 16, c, 3, 3, Extent.of(1), Extent.of(1), Extent.of(1), c), Pass.FORWARD);
    }

    static Workload relu(int c) {
        return Workload.of(new Activation(32, c, 16, 16, ActivationKind.RELU), Pass.FORWARD);
    }

    /** Seconds with ±1 %, joules of 10 W. */
    static CostTable of(ToDoubleFunction<Workload> seconds, Workload... workloads) {
        List<Measurement> rows = new ArrayList<>();
        for (Workload workload : workloads) {
            double value = seconds.applyAsDouble(workload);
            Estimate estimate = new Estimate(value, value * 0.99, value * 1.01, 0.95, 8);
            rows.add(new Measurement(
                    WorkloadKey.cold(workload),
                    new Variant("test", 0, true),
                    Quantity.measured(estimate),
                    Quantity.modelled(estimate.times(10), "10 W"),
                    List.of(),
                    Map.of(),
                    Conditions.NONE,
                    Conditions.NONE,
                    Set.of(),
                    Instant.EPOCH));
        }
        return CostTable.of("a test", Fingerprint.of(Map.of(), Map.of()), rows);
    }
}
