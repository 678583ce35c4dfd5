package org.secateur.profilers.core.sampler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.Block;

/**
 * The blocks of one kernel in the order measured, each clean or with the cause for which it is rejected. Where more
 * than half are disturbed, that is the normal state of the machine: then all count, since what would be left is a
 * selection of lucky moments.
 */
final class Visits {
    private record Visit(Block block, @Nullable String cause) {}

    private final List<Visit> visits = new ArrayList<>();

    void add(Block block, @Nullable String cause) {
        visits.add(new Visit(block, cause));
    }

    private long rejected() {
        return visits.stream().filter(v -> v.cause() != null).count();
    }

    private boolean allCount() {
        return 2 * rejected() > visits.size();
    }

    private List<Block> blocks() {
        boolean all = allCount();
        return visits.stream()
                .filter(v -> all || v.cause() == null)
                .map(Visit::block)
                .toList();
    }

    /** The blocks that count, neighbours joined until each has at least so many samples; what is left joins the last. */
    List<Block> joined(int samples) {
        List<Block> joined = new ArrayList<>();
        @Nullable Block open = null;
        for (Block block : blocks()) {
            open = open == null ? block : open.joined(block);
            if (open.samples() >= samples) {
                joined.add(open);
                open = null;
            }
        }
        if (open != null) {
            joined.add(joined.isEmpty() ? open : joined.removeLast().joined(open));
        }
        return joined;
    }

    /** The blocks that count, cut into pieces of so many samples; the last of a block may have fewer. */
    List<Block> split(int samples) {
        List<Block> pieces = new ArrayList<>();
        for (Block block : blocks()) {
            for (int from = 0; from < block.samples(); from += samples) {
                pieces.add(block.part(from, Math.min(block.samples(), from + samples)));
            }
        }
        return pieces;
    }

    /** The share of all blocks, 0 to 1, that have a cause for rejection. */
    double rejectedFraction() {
        return visits.isEmpty() ? 0 : (double) rejected() / visits.size();
    }

    /** The share of all blocks, 0 to 1, that are thrown away. */
    double discardFraction() {
        return allCount() ? 0 : rejectedFraction();
    }

    /** The share of all blocks, 0 to 1, that one of these causes hit. */
    double fraction(Set<String> causes) {
        long hit = visits.stream()
                .filter(v -> v.cause() != null && causes.contains(v.cause()))
                .count();
        return visits.isEmpty() ? 0 : (double) hit / visits.size();
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
