package org.secateur.results.store;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.secateur.results.core.cost.Evidence;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.cost.MeasuringRun;
import org.secateur.results.core.cost.MeasuringRun.Reference;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Pair;
import org.secateur.results.core.statistics.PairedComparison;

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

    /** A run with whatever there is to keep of one. */
    static MeasuringRun run(long seed) {
        Random random = new Random(seed);
        List<Pair> pairs = List.of(
                new Pair(random.nextDouble(1, 2), Math.nextUp(1.5), Pair.First.BASELINE),
                new Pair(random.nextDouble(1, 2), 1.0 / 3, Pair.First.CANDIDATE),
                new Pair(random.nextDouble(1, 2), 7, Pair.First.UNKNOWN));
        return new MeasuringRun(
                "profile --network resnet20",
                seed,
                NOON.minusSeconds(60),
                Map.of("version", "1", "commit", "abc"),
                Map.of(MeasuringRun.HALF_WIDTH, 0.01, MeasuringRun.CONFIDENCE, 0.95),
                Map.of("granularitySeconds", 25e-9),
                Optional.of(new Reference(key(16).workload(), PairedComparison.of(pairs, 0.01, 0.95))),
                Optional.of(HeldOutError.of(
                        "resnet20", List.of(random.nextDouble(), Math.nextUp(0.1)), 1, 3, "drawn at random")));
    }

    /** A run of which hardly anything is known. */
    static MeasuringRun bareRun() {
        return new MeasuringRun(
                "predict --prunings",
                2,
                NOON,
                Map.of("version", "1", "commit", "abc"),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same rows, of which the first tells no run, and each of the others one of two. */
    static CostTable told(int rows) {
        List<WorkloadKey> keys = List.copyOf(table(rows).rows().keySet());
        return table(rows)
                .with(Evidence.NONE
                        .with(run(1), keys.subList(1, Math.max(1, rows - 1)))
                        .with(bareRun(), keys.subList(Math.max(1, rows - 1), rows)));
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
