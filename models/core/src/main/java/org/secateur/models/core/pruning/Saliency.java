package org.secateur.models.core.pruning;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What each channel weighs: its share of the network's total score. All shares sum to 1; a dead channel weighs 0.
 */
public final class Saliency {
    private final List<Group> groups = new ArrayList<>();

    /**
     * Shares of scores.
     *
     * @param scores for each group the score of each channel, finite and 0 or more
     * @param dead for each group which channels are dead already, of the same lengths
     */
    public Saliency(List<double[]> scores, List<boolean[]> dead) {
        if (scores.size() != dead.size()) {
            throw new IllegalArgumentException("scores of " + scores.size() + " groups with " + dead.size()
                    + " groups of dead channels: expected the same");
        }
        double total = 0;
        for (int g = 0; g < scores.size(); g++) {
            if (scores.get(g).length != dead.get(g).length) {
                throw new IllegalArgumentException("group " + g + " has " + scores.get(g).length + " scores and "
                        + dead.get(g).length + " channels: expected the same");
            }
            for (int c = 0; c < scores.get(g).length; c++) {
                double score = scores.get(g)[c];
                if (!(score >= 0 && score < Double.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException(
                            "score " + score + " of channel " + c + " in group " + g + ": expected 0 or more");
                }
                total += dead.get(g)[c] ? 0 : score;
            }
        }
        for (int g = 0; g < scores.size(); g++) {
            groups.add(Group.of(scores.get(g), dead.get(g), total));
        }
    }

    /** The number of channels of group {@code g} that are not dead. */
    public int live(int g) {
        return groups.get(g).live;
    }

    /** The share removed from group {@code g} if its {@code width} most salient channels stay. */
    public double removed(int g, int width) {
        requireWidth(g, width);
        Group group = groups.get(g);
        double removed = 0;
        for (int i = group.order.size() - 1; i >= width; i--) {
            removed += group.shares[group.order.get(i)];
        }
        return removed;
    }

    /** The {@code width} most salient channels of group {@code g}, ascending; of equal ones the first, dead ones last. */
    public List<Integer> kept(int g, int width) {
        requireWidth(g, width);
        return groups.get(g).order.stream().limit(width).sorted().toList();
    }

    private void requireWidth(int g, int width) {
        int channels = groups.get(g).shares.length;
        if (width < 0 || width > channels) {
            throw new IllegalArgumentException("width " + width + " of group " + g + ": expected 0 to " + channels);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Group(double[] shares, List<Integer> order, int live) {
        static Group of(double[] scores, boolean[] dead, double total) {
            double[] shares = new double[scores.length];
            int live = 0;
            for (int c = 0; c < scores.length; c++) {
                shares[c] = dead[c] || total == 0 ? 0 : scores[c] / total;
                live += dead[c] ? 0 : 1;
            }
            List<Integer> order = IntStream.range(0, scores.length)
                    .boxed()
                    .sorted((a, b) -> {
                        int byLife = Boolean.compare(dead[a], dead[b]);
                        return byLife != 0 ? byLife : Double.compare(shares[b], shares[a]);
                    })
                    .toList();
            return new Group(shares, order, live);
        }
    }
}
