package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * Whether JMH and the sampler measure the same: each workload by both, each time in a fresh JVM, in turn, so that drift of
 * the machine hits both alike. The ratio is that of the medians: over all iterations of all forks, and over all blocks of
 * all forks.
 */
record Agreement(List<Compared> workloads) {
    /** At least 22 of 24 must be as close as this. */
    static final double CLOSE = 0.03;

    /** All must be as close as this. */
    static final double FAR = 0.06;

    private static final double CLOSE_SHARE = 22.0 / 24;
    private static final double CONFIDENCE = 0.95;

    Agreement {
        workloads = List.copyOf(workloads);
    }

    /**
     * A workload by both.
     *
     * @param jmhSeconds of each iteration's operations, at least one
     * @param samplerSeconds of each block's launches, at least one
     */
    record Compared(String workload, List<Double> jmhSeconds, List<Double> samplerSeconds) {
        Compared {
            jmhSeconds = List.copyOf(jmhSeconds);
            samplerSeconds = List.copyOf(samplerSeconds);
        }

        Estimate jmh() {
            return median(jmhSeconds);
        }

        Estimate sampler() {
            return median(samplerSeconds);
        }

        /** JMH's median / the sampler's. */
        double ratio() {
            return jmh().value() / sampler().value();
        }

        boolean within(double share) {
            return Math.abs(ratio() - 1) <= share;
        }

        private static Estimate median(List<Double> seconds) {
            return OrderStatistics.median(
                    seconds.stream().mapToDouble(Double::doubleValue).toArray(), CONFIDENCE);
        }
    }

    /**
     * Measures.
     *
     * @param forks how often each of the two measures a workload
     * @param jmh the seconds of a workload's iterations in a fresh JVM
     * @param sampler the seconds of a workload's blocks in a fresh JVM
     * @param progress gets each workload, and how many are done
     */
    static Agreement measure(
            List<String> workloads,
            int forks,
            Function<String, List<Double>> jmh,
            Function<String, List<Double>> sampler,
            ObjIntConsumer<Compared> progress) {
        List<Compared> compared = new ArrayList<>();
        for (String workload : workloads) {
            List<Double> iterations = new ArrayList<>();
            List<Double> blocks = new ArrayList<>();
            for (int fork = 0; fork < forks; fork++) {
                boolean jmhFirst = fork % 2 == 0;
                if (jmhFirst) {
                    iterations.addAll(jmh.apply(workload));
                }
                blocks.addAll(sampler.apply(workload));
                if (!jmhFirst) {
                    iterations.addAll(jmh.apply(workload));
                }
            }
            Compared one = new Compared(workload, iterations, blocks);
            compared.add(one);
            progress.accept(one, compared.size());
        }
        return new Agreement(compared);
    }

    /** How many ratios lie within 1 ± {@code share}. */
    int within(double share) {
        return (int) workloads.stream().filter(each -> each.within(share)).count();
    }

    /** Whether at least 22 of 24 lie within 3 %, and all within 6 %. */
    boolean agrees() {
        return within(CLOSE) >= CLOSE_SHARE * workloads.size() && within(FAR) == workloads.size();
    }
}
