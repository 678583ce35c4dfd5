package org.secateur.profilers.cuda;

import jcuda.Pointer;
import org.secateur.results.core.DataType;

/** Numbers as a device stores them, and back. */
final class Numbers {
    private Numbers() {}

    /** Writes the first elements of a piece of memory, each rounded to the nearest of the type (ties to even). */
    static void write(DeviceMemory memory, DataType type, float... values) {
        if (type == DataType.F32) {
            memory.write(Pointer.to(values), (long) values.length * type.bytes());
            return;
        }
        short[] halves = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            halves[i] = type == DataType.F16 ? Float.floatToFloat16(values[i]) : bfloat16(values[i]);
        }
        memory.write(Pointer.to(halves), (long) values.length * type.bytes());
    }

    /** Reads the first {@code count} elements. */
    static float[] read(DeviceMemory memory, DataType type, int count) {
        float[] values = new float[count];
        if (type == DataType.F32) {
            memory.read(Pointer.to(values), (long) count * type.bytes());
            return values;
        }
        short[] halves = new short[count];
        memory.read(Pointer.to(halves), (long) count * type.bytes());
        for (int i = 0; i < count; i++) {
            values[i] = type == DataType.F16
                    ? Float.float16ToFloat(halves[i])
                    : Float.intBitsToFloat(Short.toUnsignedInt(halves[i]) << 16);
        }
        return values;
    }

    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
    }
}
