package org.secateur.results.core;

import java.util.List;
import java.util.random.RandomGenerator;
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

/** Workloads of every kind with random sizes. */
final class RandomWorkloads {
    private static final ActivationKind[] KINDS = {
        ActivationKind.RELU,
        ActivationKind.RELU6,
        new ActivationKind(-1.5, 2e-7),
        new ActivationKind(Double.NEGATIVE_INFINITY, 6),
        new ActivationKind(0.1, Double.POSITIVE_INFINITY)
    };

    private RandomWorkloads() {}

    static Workload next(RandomGenerator random) {
        Operation operation = operation(random);
        List<Pass> passes = operation.passes(true);
        return new Workload(
                operation,
                passes.get(random.nextInt(passes.size())),
                one(random, DataType.values()),
                one(random, MathMode.values()),
                one(random, Layout.values()));
    }

    private static Operation operation(RandomGenerator random) {
        int n = size(random);
        int c = size(random);
        int h = 8 + size(random);
        int w = 8 + size(random);
        return switch (random.nextInt(11)) {
            case 0 -> {
                int groups = size(random);
                yield new Convolution(
                        n,
                        c * groups,
                        h,
                        w,
                        size(random) * groups,
                        3,
                        2,
                        extent(random),
                        extent(random),
                        extent(random),
                        groups);
            }
            case 1 -> new Linear(n, c, size(random));
            case 2 -> new BatchNorm(n, c, h, w, random.nextBoolean());
            case 3 -> new Activation(n, c, h, w, one(random, KINDS));
            case 4 -> {
                PoolingKind kind = one(random, PoolingKind.values());
                yield new Pooling(
                        n,
                        c,
                        h,
                        w,
                        kind,
                        extent(random),
                        extent(random),
                        extent(random),
                        random.nextBoolean(),
                        kind == PoolingKind.MAX ? extent(random) : Extent.of(1));
            }
            case 5 -> new Add(n, c, h, w, one(random, Operand.values()));
            case 6 -> new Concat(n, List.of(c, size(random), size(random)), h, w);
            case 7 -> new IndexMap(n, c, h, w, c + 3, random.nextInt(c + 3), extent(random));
            case 8 -> new SoftmaxLoss(n, 1 + c);
            case 9 -> new Pad(n, c, h, w, extent(random), extent(random));
            default -> new OptimizerStep(random.nextLong(1, 1L << 40), c);
        };
    }

    private static int size(RandomGenerator random) {
        return 1 + random.nextInt(64);
    }

    private static Extent extent(RandomGenerator random) {
        return new Extent(1 + random.nextInt(3), 1 + random.nextInt(3));
    }

    private static <E> E one(RandomGenerator random, E[] values) {
        return values[random.nextInt(values.length)];
    }
}
