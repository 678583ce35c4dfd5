package org.secateur.results.store;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.statistics.Estimate;

/** Invented measurements of a made-up device. */
final class Samples {
    private Samples() {}

    static final String DEVICE = "Test \"9000\", 2 cores";
    static final Instant NOON = Instant.parse("2025-03-01T12:00:00.000000001Z");
    static final Fingerprint HERE = Fingerprint.of(
            Map.of("device", "Test 9000", "threads", "2", "measurementVersion", "1"),
            Map.of("jvm", "21", "commit", "abc"));
    static final Fingerprint THERE =
            Fingerprint.of(Map.of("device", "Other", "threads", "2", "measurementVersion", "1"), Map.of("jvm", "21"));

    static WorkloadKey key(int features) {
        return WorkloadKey.cold(Workload.of(new Operation.Linear(8, features, 10), Pass.FORWARD));
    }

    /** Reproducible and full of awkward doubles. */
    static Measurement measurement(int features, long seed, Instant at) {
        Random random = new Random(seed);
        List<Block> blocks = List.of(
                new Block(3, random.doubles(5).toArray()),
                new Block(7, new double[] {Math.nextUp(1e-3), Double.MIN_VALUE, 1.0 / 3}));
        double seconds = random.nextDouble();
        return new Measurement(
                key(features),
                new Variant("onednn", 4096, true),
                Quantity.measured(new Estimate(seconds, seconds * 0.99, Math.nextUp(seconds), 0.953125, 9)),
                seed % 2 == 0
                        ? Quantity.unavailable("no counter, \"RAPL\" is hidden")
                        : Quantity.modelled(Estimate.exact(seconds * 30), "power, times time"),
                blocks,
                seed % 3 == 0
                        ? List.of(new EnergySample(1.0 / 3, Math.nextUp(7.0), 5), new EnergySample(2, 0, 0.1))
                        : List.of(),
                Map.of("CONTENDED", 2),
                new Conditions(Map.of("coreClockHertz", 2.1e9, "load", 0.1)),
                Conditions.NONE,
                seed % 2 == 0 ? Set.of(Flag.WIDE, Flag.CONTENDED) : Set.of(),
                at);
    }

    static CostTable table(int rows) {
        return CostTable.of(
                DEVICE,
                HERE,
                java.util.stream.IntStream.range(0, rows)
                        .mapToObj(i -> measurement(16 * (i + 1), i, NOON.plusMillis(i)))
                        .toList());
    }
}
