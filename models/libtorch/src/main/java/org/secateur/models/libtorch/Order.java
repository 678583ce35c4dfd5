package org.secateur.models.libtorch;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.secateur.profilers.libtorch.SgdStep;

/**
 * What the first process of a data-parallel training tells each of the others, in bytes for a pipe. Both ends are the same
 * program on the same machine.
 */
sealed interface Order {
    /** The trainer that an order is for, by the first process's count. */
    int trainer();

    /** Open a trainer. */
    record Open(int trainer, Checkpoint start, SgdStep optimizer) implements Order {}

    /** Go on with another network and its numbers. */
    record Reconfigure(int trainer, Checkpoint next) implements Order {}

    /**
     * Do one step.
     *
     * @param whole images of the batch in all processes
     * @param images of this process's share, normalised pixels
     * @param labels their classes
     */
    @SuppressWarnings("ArrayRecordComponent") // megabytes, handed over
    record Step(int trainer, int whole, float[] images, long[] labels, double rate, double lambda) implements Order {}

    /** Close a trainer. */
    record Close(int trainer) implements Order {}

    /** Writes the order, and flushes. */
    default void write(DataOutputStream out) throws IOException {
        switch (this) {
            case Open open -> {
                out.writeByte('O');
                out.writeInt(open.trainer);
                out.writeDouble(open.optimizer.momentum());
                out.writeDouble(open.optimizer.weightDecay());
                writeCheckpoint(out, open.start);
            }
            case Reconfigure reconfigure -> {
                out.writeByte('R');
                out.writeInt(reconfigure.trainer);
                writeCheckpoint(out, reconfigure.next);
            }
            case Step step -> {
                out.writeByte('S');
                out.writeInt(step.trainer);
                out.writeInt(step.whole);
                out.writeDouble(step.rate);
                out.writeDouble(step.lambda);
                out.writeInt(step.labels.length);
                ByteBuffer labels = ByteBuffer.allocate(Long.BYTES * step.labels.length);
                labels.asLongBuffer().put(step.labels);
                out.write(labels.array());
                out.writeInt(step.images.length);
                ByteBuffer images = ByteBuffer.allocate(Float.BYTES * step.images.length);
                images.asFloatBuffer().put(step.images);
                out.write(images.array());
            }
            case Close close -> {
                out.writeByte('C');
                out.writeInt(close.trainer);
            }
        }
        out.flush();
    }

    /** The next order; empty at the end. */
    static Optional<Order> read(DataInputStream in) throws IOException {
        int kind = in.read();
        if (kind < 0) {
            return Optional.empty();
        }
        int trainer = in.readInt();
        return Optional.of(
                switch (kind) {
                    case 'O' -> {
                        SgdStep optimizer = new SgdStep(in.readDouble(), in.readDouble());
                        yield new Open(trainer, readCheckpoint(in), optimizer);
                    }
                    case 'R' -> new Reconfigure(trainer, readCheckpoint(in));
                    case 'S' -> {
                        int whole = in.readInt();
                        double rate = in.readDouble();
                        double lambda = in.readDouble();
                        long[] labels = new long[in.readInt()];
                        ByteBuffer.wrap(bytes(in, Long.BYTES * labels.length))
                                .asLongBuffer()
                                .get(labels);
                        float[] images = new float[in.readInt()];
                        ByteBuffer.wrap(bytes(in, Float.BYTES * images.length))
                                .asFloatBuffer()
                                .get(images);
                        yield new Step(trainer, whole, images, labels, rate, lambda);
                    }
                    case 'C' -> new Close(trainer);
                    default -> throw new IOException("order " + kind + " is not known");
                });
    }

    private static void writeCheckpoint(DataOutputStream out, Checkpoint checkpoint) throws IOException {
        ByteBuffer encoded = checkpoint.encode();
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static Checkpoint readCheckpoint(DataInputStream in) throws IOException {
        return Checkpoint.decode(Safetensors.decode(bytes(in, in.readInt())));
    }

    private static byte[] bytes(DataInputStream in, int count) throws IOException {
        byte[] bytes = new byte[count];
        in.readFully(bytes);
        return bytes;
    }
}
