package org.secateur.profilers.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;

/** A number in the host's memory, as cuDNN takes its factors. It is read at each call, and may change between calls. */
final class HostScalar {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Float.BYTES).order(ByteOrder.nativeOrder());
    private final Pointer pointer = Pointer.to(buffer);

    void set(double value) {
        buffer.putFloat(0, (float) value);
    }

    Pointer pointer() {
        return pointer;
    }
}
