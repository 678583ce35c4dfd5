package org.secateur.profilers.cuda;

import java.util.List;

/**
 * A group lasso: the sum of {@code sqrt(sum w^2 + smoothing)} over groups of weights.
 *
 * @param pieces the weights; the groups of two pieces may overlap
 * @param smoothing above 0; keeps the gradient defined at zero
 */
public record GroupLasso(List<Piece> pieces, double smoothing) {
    /** No regulariser. */
    public static final GroupLasso NONE = new GroupLasso(List.of(), 1);

    /**
     * Consecutive elements of a parameter, seen as {@code [outer, groups, inner]}: each index of the middle is one group.
     *
     * @param parameter the name of its buffer
     * @param offset the first element
     */
    public record Piece(String parameter, int offset, int outer, int groups, int inner) {
        public Piece {
            if (offset < 0 || outer < 1 || groups < 1 || inner < 1) {
                throw new IllegalArgumentException("groups of " + parameter + " from element " + offset + " as ["
                        + outer + ", " + groups + ", " + inner + "]: expected at least 0, and sizes of at least 1");
            }
        }

        int elements() {
            return outer * groups * inner;
        }
    }

    public GroupLasso {
        pieces = List.copyOf(pieces);
        if (!(smoothing > 0)) {
            throw new IllegalArgumentException("smoothing " + smoothing + ": expected above 0");
        }
    }
}
