package org.secateur.models.onnx;

import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * Reads a message in protobuf's wire format (protobuf.dev, "Encoding"): fields one after another, each with its number
 * and the form of its value. A message is a range of the file; what it holds is found in place, and no length is
 * believed that reaches over its end.
 */
final class WireReader {
    /** Bytes of the file. */
    record Range(int offset, int length) {}

    /** More than any network has; what is kept of a field takes some hundred bytes. */
    private static final int MOST_FIELDS = 1_000_000;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    /** How many fields have been read of a file, over all its messages. */
    private static final class Count {
        private int fields;
    }

    private final byte[] file;
    private final Count count;
    private final int end;
    private int position;
    private int field;
    private int form;

    /** The message that is the whole file. */
    WireReader(byte[] file) {
        this(file, new Range(0, file.length), new Count());
    }

    private WireReader(byte[] file, Range range, Count count) {
        this.file = file;
        this.count = count;
        position = range.offset();
        end = range.offset() + range.length();
    }

    /** Numbers without fields that stand one after another, to be read with {@link #packed}. */
    static WireReader numbers(byte[] file, Range range) {
        return new WireReader(file, range, new Count());
    }

    /** Goes to the next field, whose value must then be read or skipped; false at the end of the message. */
    boolean next() {
        if (position == end) {
            return false;
        }
        countOne();
        long tag = varint();
        if ((tag >>> 32) != 0 || (tag >>> 3) == 0) {
            throw new IllegalArgumentException("at byte " + position + " stands a field without a number");
        }
        field = (int) (tag >>> 3);
        form = (int) (tag & 7);
        return true;
    }

    /** The field's number. */
    int field() {
        return field;
    }

    /** An integer. */
    long whole() {
        require(VARINT);
        return varint();
    }

    /** A float. */
    float number() {
        require(FIXED32);
        Range range = advance(4);
        int bits = 0;
        for (int i = 3; i >= 0; i--) {
            bits = (bits << 8) | (file[range.offset() + i] & 0xff);
        }
        return Float.intBitsToFloat(bits);
    }

    /** A string; bytes that are no UTF-8 are replaced. */
    String text() {
        Range range = range();
        return new String(file, range.offset(), range.length(), StandardCharsets.UTF_8);
    }

    /** A message within this one. */
    WireReader message() {
        return new WireReader(file, range(), count);
    }

    /** Where the bytes of the value are. */
    Range range() {
        require(BYTES);
        return advance(varint());
    }

    /** One integer of a repeated field, or all of a packed one. */
    void wholes(LongConsumer each) {
        if (form == BYTES) {
            message().packed(each);
        } else {
            each.accept(whole());
        }
    }

    /** All integers up to the end of this range. */
    void packed(LongConsumer each) {
        while (position < end) {
            countOne();
            each.accept(varint());
        }
    }

    /** Passes the value over. */
    void skip() {
        switch (form) {
            case VARINT -> varint();
            case FIXED64 -> advance(8);
            case BYTES -> advance(varint());
            case FIXED32 -> advance(4);
            default -> require(BYTES);
        }
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position == end) {
                throw new IllegalArgumentException("at byte " + position + " a number is cut off");
            }
            byte next = file[position++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("at byte " + position + " a number has more than ten bytes");
    }

    private Range advance(long length) {
        if (length < 0 || length > end - position) {
            throw new IllegalArgumentException("at byte " + position + " a field claims "
                    + Long.toUnsignedString(length) + " bytes, and " + (end - position) + " are left");
        }
        Range range = new Range(position, (int) length);
        position += range.length();
        return range;
    }

    private void require(int expected) {
        if (form != expected) {
            throw new IllegalArgumentException("at byte " + position + " field " + field + " has the form " + form
                    + ": expected " + expected + ", as in an ONNX file");
        }
    }

    private void countOne() {
        if (++count.fields > MOST_FIELDS) {
            throw new IllegalArgumentException("it has more than " + MOST_FIELDS + " fields");
        }
    }
}
