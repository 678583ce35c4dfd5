package org.secateur.harness.cli;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How far a network's neighbourhood goes, and how closely the table of it is judged. */
final class NeighbourhoodOptions {
    /** Narrower layers are rarely worth having, and each width more costs points in every plane. */
    private static final int FROM = 4;

    /** The median's and the 95th percentile's intervals are then some ranks of a hundred wide. */
    private static final int HELD_OUT = 400;

    @Option(
            names = "--neighbourhood",
            description = "Also measure what the convolutions and linear layers of the training step may become by"
                    + " pruning: a coarse grid over input and output widths, refined where it is off, until 95 %% of"
                    + " all points can be predicted, from at most some 15 %% of them.")
    boolean wanted;

    @Option(
            names = "--from",
            paramLabel = "W",
            description = "Least width of the neighbourhood (default: " + FROM + ").")
    @Nullable
    private Integer from;

    @Option(
            names = "--batches",
            paramLabel = "N",
            split = ",",
            description =
                    "Further batch sizes of the neighbourhood, since training may grow its batch (default: none).")
    private List<Integer> batches = List.of();

    @Option(
            names = "--held-out",
            paramLabel = "N",
            description =
                    "Also measure N points of the neighbourhood, drawn by the seed and kept from building, to tell"
                            + " the table's error and what measuring every point would take (default: " + HELD_OUT
                            + "; 0 for none).")
    @Nullable
    private Integer heldOut;

    /** Checks that what belongs to the neighbourhood is given with it only, and within range. */
    void check() {
        if (!wanted && (from != null || heldOut != null || !batches.isEmpty())) {
            throw new IllegalArgumentException("--from, --batches and --held-out: only with --neighbourhood");
        }
        if (from() < 1) {
            throw new IllegalArgumentException("--from " + from() + ": expected at least 1");
        }
        if (heldOut() < 0) {
            throw new IllegalArgumentException("--held-out " + heldOut() + ": expected at least 0");
        }
        for (int size : batches) {
            if (size < 1 || size > BatchOptions.MOST) {
                throw new IllegalArgumentException("--batches " + size + ": expected 1.." + BatchOptions.MOST);
            }
        }
    }

    /** The least width. */
    int from() {
        return from == null ? FROM : from;
    }

    /** The size of the sample. */
    int heldOut() {
        return heldOut == null ? HELD_OUT : heldOut;
    }

    /** The training step's batch, and the further ones. */
    List<Integer> batches(int training) {
        return Stream.concat(Stream.of(training), batches.stream()).distinct().toList();
    }
}
