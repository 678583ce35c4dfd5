package org.secateur.harness.cli;

import java.nio.file.Path;
import org.secateur.profilers.core.probe.NvmlProbe;
import org.secateur.profilers.core.rapl.Rapl;

/**
 * Where a machine shows itself, so that a test can give {@code doctor} another one.
 *
 * @param proc the kernel's counters, {@code /proc}
 * @param powercap the processor's energy counters, {@code /sys/class/powercap}
 * @param nvml name or path of NVIDIA's management library
 */
record Machine(Path proc, Path powercap, String nvml) {
    /** The machine that this process runs on. */
    static Machine here() {
        return new Machine(Path.of("/proc"), Rapl.POWERCAP, NvmlProbe.LIBRARY);
    }
}
