package org.secateur.profilers.core.sampler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.sampler.SamplerOptions.Rejection;
import org.secateur.results.core.Block;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * The blocks of one kernel in the order measured, each clean or with the cause for which it is rejected. Where more
 * than half are contended, contention is the normal state of the machine: then all count, since what would be left is a
 * selection of lucky moments.
 */
final class Visits {
    private record Visit(Block block, @Nullable String cause) {}

    private final List<Visit> visits = new ArrayList<>();

    void add(Block block, @Nullable String cause) {
        visits.add(new Visit(block, cause));
    }

    int count() {
        return visits.size();
    }

    private int contended() {
        return (int) visits.stream().filter(v -> v.cause() != null).count();
    }

    private boolean allCount() {
        return 2 * contended() > visits.size();
    }

    /** The blocks that count. */
    List<Block> blocks() {
        boolean all = allCount();
        return visits.stream()
                .filter(v -> all || v.cause() == null)
                .map(Visit::block)
                .toList();
    }

    /** The median of the blocks' medians, in seconds per launch. Needs a block. */
    Estimate estimate(double confidence) {
        return OrderStatistics.median(
                blocks().stream().mapToDouble(Block::medianSeconds).toArray(), confidence);
    }

    boolean contended(Rejection rejection) {
        return contended() > rejection.flagFraction() * visits.size();
    }

    Map<String, Integer> discarded() {
        Map<String, Integer> causes = new TreeMap<>();
        String suffix = allCount() ? " (kept)" : "";
        for (Visit visit : visits) {
            if (visit.cause() != null) {
                causes.merge(visit.cause() + suffix, 1, Integer::sum);
            }
        }
        return causes;
    }
}
