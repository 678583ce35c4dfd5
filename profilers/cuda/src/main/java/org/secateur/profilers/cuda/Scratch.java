package org.secateur.profilers.cuda;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Memory that launches need beside their operands: one workspace for all, since launches follow each other on one
 * stream; and what a batch norm keeps for its backward pass, which cuDNN calls its reserve.
 */
final class Scratch implements Resource {
    private final Gpu gpu;
    private final Resources reserves = new Resources();
    private final Map<DeviceMemory, DeviceMemory> reserveOf = new HashMap<>();
    private long needed;
    private @Nullable DeviceMemory workspace;

    Scratch(Gpu gpu) {
        this.gpu = gpu;
    }

    /** Asks for a workspace of at least so many bytes; only before it is captured in a graph. */
    void require(long bytes) {
        needed = Math.max(needed, bytes);
    }

    /** The workspace, as large as was asked for so far. */
    DeviceMemory workspace() {
        DeviceMemory present = workspace;
        if (present == null || present.bytes() < needed) {
            workspace = null;
            if (present != null) {
                present.close();
            }
            present = new DeviceMemory(gpu, needed);
            workspace = present;
        }
        return present;
    }

    /**
     * The reserve of the batch norm that saves its mean there.
     *
     * @throws IllegalArgumentException when its forward pass has not been planned before
     */
    DeviceMemory reserve(DeviceMemory savedMean) {
        DeviceMemory reserve = reserveOf.get(savedMean);
        if (reserve == null) {
            throw new IllegalArgumentException("backward of a batch norm without its forward pass");
        }
        return reserve;
    }

    /** Makes the reserve of the batch norm that saves its mean there. */
    DeviceMemory makeReserve(DeviceMemory savedMean, long bytes) {
        DeviceMemory made = reserves.add(new DeviceMemory(gpu, bytes));
        reserveOf.put(savedMean, made);
        return made;
    }

    @Override
    public void close() {
        if (workspace != null) {
            reserves.add(workspace);
        }
        reserves.close();
    }
}
