package org.secateur.profilers.core.nvml;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Reads fields ({@code nvmlFieldValue_t}): their type depends on the driver, and each has a return code of its own. */
final class FieldValues {
    private static final String FUNCTION = "nvmlDeviceGetFieldValues";

    private static final int BYTES = 40;
    private static final int TYPE = 24;
    private static final int RETURN = 28;
    private static final int VALUE = 32;

    private FieldValues() {}

    /** The values in the driver's units, in the order of the ids, all by one call. */
    static List<Answer<Double>> read(NvmlLibrary library, Pointer device, int... ids) {
        try (Memory fields = new Memory((long) ids.length * BYTES)) {
            fields.clear();
            for (int i = 0; i < ids.length; i++) {
                fields.setInt((long) i * BYTES, ids[i]);
            }
            NvmlReturn all = library.call(FUNCTION, device, ids.length, fields);
            List<Answer<Double>> answers = new ArrayList<>();
            for (int i = 0; i < ids.length; i++) {
                long at = (long) i * BYTES;
                NvmlReturn each = all.equals(NvmlReturn.SUCCESS) ? new NvmlReturn(fields.getInt(at + RETURN)) : all;
                OptionalDouble value = each.equals(NvmlReturn.SUCCESS)
                        ? number(fields, at + VALUE, fields.getInt(at + TYPE))
                        : OptionalDouble.empty();
                NvmlReturn code = each.equals(NvmlReturn.SUCCESS) && value.isEmpty() ? NvmlReturn.NO_DATA : each;
                answers.add(NvmlLibrary.answer(FUNCTION + " of " + ids[i], code, value::getAsDouble));
            }
            return answers;
        }
    }

    /** A number of a type of {@code nvmlValueType_t}; empty for another type, and for one that is not finite. */
    static OptionalDouble number(Memory memory, long at, int type) {
        double number = switch (type) {
            case 0 -> memory.getDouble(at);
            case 1 -> (double) Integer.toUnsignedLong(memory.getInt(at));
            case 2, 3, 4 -> (double) memory.getLong(at); // below 2^63
            case 5 -> memory.getInt(at);
            case 6 -> Short.toUnsignedInt(memory.getShort(at));
            default -> Double.NaN;
        };
        return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
    }
}
