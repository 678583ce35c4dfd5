package org.secateur.profilers.cuda;

import java.util.List;

/** What one launch reads and writes, in the order of {@link OperandShapes}; who made the memory closes it. */
record Operands(List<DeviceMemory> reads, List<DeviceMemory> writes) {
    Operands {
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
    }

    DeviceMemory read(int place) {
        return reads.get(place);
    }

    DeviceMemory written(int place) {
        return writes.get(place);
    }
}
