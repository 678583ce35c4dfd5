package org.secateur.models.core.pruning;

import java.util.List;

/**
 * PruneTrain's reconfiguration (Lym et al. 2019): channels whose weights have all become tiny are set to zero, and a
 * channel goes when it is zero in every tensor that produces or reads it ("channel union").
 */
public final class PruneTrainRule {
    /** A channel whose every weight is smaller than this counts as zero (absolute value; published default). */
    public static final float THRESHOLD = 1e-4f;

    private PruneTrainRule() {}

    /** Which channels are dense: at least one weight reaches the threshold. A NaN counts as dense. */
    public static boolean[] dense(ChannelSlices tensor) {
        boolean[] dense = new boolean[tensor.channels()];
        for (int c = 0; c < dense.length; c++) {
            dense[c] = !(tensor.largest(c) < THRESHOLD);
        }
        return dense;
    }

    /** Sets the channels that are not dense to exactly zero and returns how many there are. */
    public static int zero(ChannelSlices tensor) {
        boolean[] dense = dense(tensor);
        int zeroed = 0;
        for (int c = 0; c < dense.length; c++) {
            if (!dense[c]) {
                tensor.zero(c);
                zeroed++;
            }
        }
        return zeroed;
    }

    /**
     * Which channels of a group stay: those that are dense in any member.
     *
     * @param members the tensors that produce (axis 0) and read (axis 1) the group, at least one
     */
    public static boolean[] keep(List<ChannelSlices> members) {
        if (members.isEmpty()) {
            throw new IllegalArgumentException("a group without members: expected at least one");
        }
        boolean[] keep = new boolean[members.get(0).channels()];
        for (ChannelSlices member : members) {
            boolean[] dense = dense(member);
            if (dense.length != keep.length) {
                throw new IllegalArgumentException(member.name() + " has " + dense.length + " channels and "
                        + members.get(0).name() + " has " + keep.length + ": members of a group have the same");
            }
            for (int c = 0; c < keep.length; c++) {
                keep[c] |= dense[c];
            }
        }
        return keep;
    }
}
