package org.secateur.profilers.cuda;

import java.util.Optional;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.nvml.Nvml;
import org.secateur.profilers.core.nvml.NvmlDevice;
import org.secateur.profilers.core.nvml.NvmlSource;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.SecateurException;

/** The board that a GPU sits on, by NVIDIA's management library: its sensors, or why there are none. */
sealed interface Board extends Resource {
    /** Stands where the library tells nothing. */
    String UNKNOWN = "unknown";

    /**
     * Finds the board of a CUDA device. NVML numbers devices otherwise than CUDA, so it is found by its UUID, or else by
     * where it is plugged in.
     *
     * @param library NVML's
     */
    static Board of(String library, String uuid, String pciBusId) {
        try {
            return find(Nvml.open(library), uuid, pciBusId);
        } catch (SecateurException e) {
            return new Missing(e);
        }
    }

    private static Board find(Nvml nvml, String uuid, String pciBusId) {
        Optional<NvmlDevice> device =
                nvml.withUuid(uuid).known().or(() -> nvml.atPciBusId(pciBusId).known());
        if (device.isPresent()) {
            return new Found(nvml, device.get());
        }
        nvml.close();
        throw SecateurException.environment(
                "NVML does not know this GPU", uuid + " at " + pciBusId, "see what nvidia-smi -L says");
    }

    /**
     * Its energy counter and its state.
     *
     * @throws SecateurException when there is no counter that can be read
     */
    EnergySource energy();

    /** Its clocks, temperature and processes now. */
    Conditions conditions();

    /** Those of its conditions that tell whether a block of time was disturbed. */
    Conditions disturbances();

    /** The version of NVIDIA's driver. */
    String driver();

    /** The power in watts that it is kept below. */
    String powerLimit();

    /** A board with its sensors. */
    record Found(Nvml nvml, NvmlDevice device) implements Board {
        private static long ownProcess() {
            return ProcessHandle.current().pid();
        }

        @Override
        public EnergySource energy() {
            EnergySource source = NvmlSource.of(nvml, device, ownProcess());
            source.counter().joules(); // some boards have none
            return source;
        }

        @Override
        public Conditions conditions() {
            return NvmlSource.conditions(device, ownProcess());
        }

        @Override
        public Conditions disturbances() {
            return NvmlSource.disturbances(device, ownProcess());
        }

        @Override
        public String driver() {
            return nvml.driverVersion().known().orElse(UNKNOWN);
        }

        @Override
        public String powerLimit() {
            return device.powerLimitWatts().known().map(String::valueOf).orElse(UNKNOWN);
        }

        @Override
        public void close() {
            nvml.close();
        }
    }

    /** No board. */
    record Missing(SecateurException reason) implements Board {
        @Override
        public EnergySource energy() {
            throw reason;
        }

        @Override
        public Conditions conditions() {
            return Conditions.NONE;
        }

        @Override
        public Conditions disturbances() {
            return Conditions.NONE;
        }

        @Override
        public String driver() {
            return UNKNOWN;
        }

        @Override
        public String powerLimit() {
            return UNKNOWN;
        }

        @Override
        public void close() {}
    }
}
