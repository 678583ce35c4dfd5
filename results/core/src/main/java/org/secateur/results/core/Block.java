package org.secateur.results.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * One visit of the sampler to a kernel: the raw seconds per launch of each sample, where a sample is the mean over
 * {@code launchesPerSample} launches between two clock readings.
 */
@SuppressWarnings("ArrayRecordComponent") // thousands of raw samples; copied at both ends, equality by content
public record Block(int launchesPerSample, double[] sampleSeconds) {
    public Block {
        if (launchesPerSample < 1 || sampleSeconds.length == 0) {
            throw new IllegalArgumentException("a block of " + sampleSeconds.length + " samples of " + launchesPerSample
                    + " launches: both must be at least 1");
        }
        sampleSeconds = sampleSeconds.clone();
    }

    @Override
    public double[] sampleSeconds() {
        return sampleSeconds.clone();
    }

    /** How many samples. */
    public int samples() {
        return sampleSeconds.length;
    }

    /**
     * This block and the next as one of as many samples as both have.
     *
     * @throws IllegalArgumentException when their samples span different numbers of launches
     */
    public Block joined(Block next) {
        if (next.launchesPerSample != launchesPerSample) {
            throw new IllegalArgumentException("blocks of " + launchesPerSample + " and " + next.launchesPerSample
                    + " launches per sample: expected as many in each");
        }
        double[] all = Arrays.copyOf(sampleSeconds, sampleSeconds.length + next.sampleSeconds.length);
        System.arraycopy(next.sampleSeconds, 0, all, sampleSeconds.length, next.sampleSeconds.length);
        return new Block(launchesPerSample, all);
    }

    /** The samples from one place to another, exclusive, as a block of their own. */
    public Block part(int from, int to) {
        return new Block(launchesPerSample, Arrays.copyOfRange(sampleSeconds, from, to));
    }

    /** This block cut into pieces of so many samples; the last one may have fewer. */
    public List<Block> pieces(int samples) {
        List<Block> pieces = new ArrayList<>();
        for (int from = 0; from < sampleSeconds.length; from += samples) {
            pieces.add(part(from, Math.min(sampleSeconds.length, from + samples)));
        }
        return pieces;
    }

    /** The median of the samples, in seconds per launch: the unit of all statistics. */
    public double medianSeconds() {
        return OrderStatistics.median(sampleSeconds);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Block block
                && launchesPerSample == block.launchesPerSample
                && Arrays.equals(sampleSeconds, block.sampleSeconds);
    }

    @Override
    public int hashCode() {
        return 31 * launchesPerSample + Arrays.hashCode(sampleSeconds);
    }

    @Override
    public String toString() {
        return "Block[" + launchesPerSample + " launches per sample, " + Arrays.toString(sampleSeconds) + "]";
    }
}
