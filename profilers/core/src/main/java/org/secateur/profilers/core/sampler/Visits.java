package org.secateur.profilers.core.sampler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.Block;
import org.secateur.results.core.Rejections;

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

    /** Those that were disturbed, and how many there are in all. */
    Rejections rejections() {
        Map<String, Integer> causes = new TreeMap<>();
        for (Visit visit : visits) {
            if (visit.cause() != null) {
                causes.merge(visit.cause(), 1, Integer::sum);
            }
        }
        return new Rejections(causes, visits.size());
    }

    /** Of those that count the place among all. */
    List<Integer> counted() {
        boolean all = rejections().allCount();
        return IntStream.range(0, visits.size())
                .filter(i -> all || visits.get(i).cause() == null)
                .boxed()
                .toList();
    }

    private List<Block> blocks() {
        return counted().stream().map(i -> visits.get(i).block()).toList();
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
        return blocks().stream()
                .flatMap(block -> block.pieces(samples).stream())
                .toList();
    }
}
