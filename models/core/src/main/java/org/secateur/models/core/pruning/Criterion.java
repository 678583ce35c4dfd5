package org.secateur.models.core.pruning;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** How much each channel of a group matters. */
public interface Criterion {
    /**
     * A score for each channel, 0 or more.
     *
     * @param group the group's index, so that groups can be told apart
     * @param members the tensors that hold its channels, at least one
     */
    double[] scores(int group, List<ChannelSlices> members);

    /** The L2 norm of a channel's weights, summed over the members (Li et al. 2017 with L2 for L1). */
    record L2() implements Criterion {
        @Override
        public double[] scores(int group, List<ChannelSlices> members) {
            double[] scores = new double[channels(members)];
            for (ChannelSlices member : members) {
                for (int c = 0; c < scores.length; c++) {
                    scores[c] += Math.sqrt(member.squares(c));
                }
            }
            return scores;
        }
    }

    /** Chance, by which every other criterion must be better. The same for the same seed and group. */
    record Random(long seed) implements Criterion {
        @Override
        public double[] scores(int group, List<ChannelSlices> members) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 1_000_003 + group);
            return random.doubles(channels(members)).toArray();
        }
    }

    private static int channels(List<ChannelSlices> members) {
        if (members.stream().map(ChannelSlices::channels).distinct().count() != 1) {
            throw new IllegalArgumentException("members of a group must have the same channels: "
                    + members.stream()
                            .map(m -> m.name() + " has " + m.channels())
                            .toList());
        }
        return members.get(0).channels();
    }
}
