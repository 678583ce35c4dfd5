package org.secateur.models.onnx;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message in protobuf's wire format (protobuf.dev, "Encoding") as it grows. Arrays of weights are kept as they are and
 * become bytes only when the whole is written.
 */
final class WireMessage {
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int FLOATS_AT_ONCE = 1 << 14;

    private interface Part {
        void write(OutputStream out) throws IOException;
    }

    private final List<Part> parts = new ArrayList<>();
    private long size;

    /** Its length in bytes. */
    long size() {
        return size;
    }

    /** Writes it. */
    void write(OutputStream out) throws IOException {
        for (Part part : parts) {
            part.write(out);
        }
    }

    WireMessage whole(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    WireMessage number(int field, float value) {
        tag(field, FIXED32);
        add(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array());
        return this;
    }

    WireMessage text(int field, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        head(field, bytes.length);
        add(bytes);
        return this;
    }

    WireMessage message(int field, WireMessage value) {
        head(field, value.size);
        parts.addAll(value.parts);
        size += value.size;
        return this;
    }

    /** The bytes of floats, the lowest first. The array must not change until the message is written. */
    WireMessage floats(int field, float[] values) {
        head(field, 4L * values.length);
        parts.add(out -> write(values, out));
        size += 4L * values.length;
        return this;
    }

    /** The bytes of integers of eight bytes, the lowest first. */
    WireMessage longs(int field, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        head(field, bytes.capacity());
        add(bytes.array());
        return this;
    }

    private static void write(float[] values, OutputStream out) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(4 * FLOATS_AT_ONCE).order(ByteOrder.LITTLE_ENDIAN);
        for (int start = 0; start < values.length; start += FLOATS_AT_ONCE) {
            int count = Math.min(FLOATS_AT_ONCE, values.length - start);
            block.asFloatBuffer().put(values, start, count);
            out.write(block.array(), 0, 4 * count);
        }
    }

    private void head(int field, long length) {
        tag(field, BYTES);
        varint(length);
    }

    private void tag(int field, int form) {
        varint(((long) field << 3) | form);
    }

    private void varint(long value) {
        byte[] bytes = new byte[Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7)];
        long rest = value;
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ((rest & 0x7f) | (i + 1 < bytes.length ? 0x80 : 0));
            rest >>>= 7;
        }
        add(bytes);
    }

    private void add(byte[] bytes) {
        parts.add(out -> out.write(bytes));
        size += bytes.length;
    }
}
