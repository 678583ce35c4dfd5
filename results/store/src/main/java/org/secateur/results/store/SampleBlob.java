package org.secateur.results.store;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.secateur.results.core.Block;
import org.secateur.results.core.EnergySample;

/**
 * Raw samples as bytes, big-endian: the number of blocks, then for each block its launches per sample, its number of
 * samples and the samples themselves, as int, int and doubles. Those of energy: their number, then launches, joules and
 * seconds of each.
 */
final class SampleBlob {
    private SampleBlob() {}

    static byte[] write(List<Block> blocks) {
        int samples = blocks.stream().mapToInt(b -> b.sampleSeconds().length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(
                Integer.BYTES + blocks.size() * 2 * Integer.BYTES + Math.multiplyExact(samples, Double.BYTES));
        bytes.putInt(blocks.size());
        for (Block block : blocks) {
            double[] seconds = block.sampleSeconds();
            bytes.putInt(block.launchesPerSample()).putInt(seconds.length);
            for (double value : seconds) {
                bytes.putDouble(value);
            }
        }
        return bytes.array();
    }

    static byte[] writeEnergy(List<EnergySample> samples) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + samples.size() * 3 * Double.BYTES);
        bytes.putInt(samples.size());
        for (EnergySample sample : samples) {
            bytes.putDouble(sample.launches()).putDouble(sample.joules()).putDouble(sample.seconds());
        }
        return bytes.array();
    }

    static List<EnergySample> readEnergy(byte[] blob) {
        ByteBuffer bytes = ByteBuffer.wrap(blob);
        try {
            int count = bytes.getInt();
            List<EnergySample> samples = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                samples.add(new EnergySample(bytes.getDouble(), bytes.getDouble(), bytes.getDouble()));
            }
            return samples;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("energy samples end early, after " + blob.length + " bytes", e);
        }
    }

    static List<Block> read(byte[] blob) {
        ByteBuffer bytes = ByteBuffer.wrap(blob);
        try {
            int count = bytes.getInt();
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int launches = bytes.getInt();
                int samples = bytes.getInt();
                if (samples < 0 || samples > bytes.remaining() / Double.BYTES) {
                    throw new IllegalArgumentException("block " + i + " claims " + samples + " samples");
                }
                double[] seconds = new double[samples];
                bytes.asDoubleBuffer().get(seconds);
                bytes.position(bytes.position() + samples * Double.BYTES);
                blocks.add(new Block(launches, seconds));
            }
            return blocks;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("samples end early, after " + blob.length + " bytes", e);
        }
    }
}
