package org.secateur.profilers.core.nvml;

import org.secateur.results.core.SecateurException;

/**
 * NVIDIA's management library, initialised until it is closed. Its devices are numbered otherwise than CUDA's
 * ({@code CUDA_VISIBLE_DEVICES}, {@code CUDA_DEVICE_ORDER}): a CUDA device is found by its PCI bus id or UUID. Used by
 * one thread at a time; devices are of no use after the close.
 *
 * @see <a href="https://docs.nvidia.com/deploy/nvml-api/">NVML API reference</a>
 */
public final class Nvml implements AutoCloseable {
    /** The library that NVIDIA's driver installs. */
    public static final String LIBRARY = "libnvidia-ml.so.1";

    private final NvmlLibrary library;
    private boolean closed;

    private Nvml(NvmlLibrary library) {
        this.library = library;
    }

    /**
     * Loads and initialises it.
     *
     * @param name normally {@link #LIBRARY}; or a path
     * @throws SecateurException when there is no driver, it is not loaded, or not the one that the library belongs to
     */
    public static Nvml open(String name) {
        NvmlLibrary library = NvmlLibrary.load(name);
        String function = "nvmlInit_v2";
        NvmlReturn code = library.call(function);
        if (!code.equals(NvmlReturn.SUCCESS)) {
            throw SecateurException.environment(function + " answers " + code.text(), name, fix(code));
        }
        return new Nvml(library);
    }

    private static String fix(NvmlReturn code) {
        if (code.equals(NvmlReturn.DRIVER_NOT_LOADED)) {
            return "sudo modprobe nvidia";
        }
        if (code.equals(NvmlReturn.LIB_RM_VERSION_MISMATCH)) {
            return "restart the machine: the driver was updated while it was loaded";
        }
        if (code.equals(NvmlReturn.NO_PERMISSION)) {
            return "let this user read and write /dev/nvidiactl";
        }
        return "see what nvidia-smi says";
    }

    /** The driver's version, for example {@code 550.54.15}. */
    public Answer<String> driverVersion() {
        return library.text("nvmlSystemGetDriverVersion");
    }

    /** The library's own version. */
    public Answer<String> version() {
        return library.text("nvmlSystemGetNVMLVersion");
    }

    /** How many devices there are. */
    public Answer<Integer> count() {
        return library.unsignedInt("nvmlDeviceGetCount_v2").map(Math::toIntExact);
    }

    /** The device with a number of NVML's, from 0. */
    public Answer<NvmlDevice> device(int index) {
        return library.handle("nvmlDeviceGetHandleByIndex_v2", index).map(handle -> new NvmlDevice(library, handle));
    }

    /** The device at a PCI bus id, in hexadecimal as CUDA gives it: {@code domain:bus:device.function}. */
    public Answer<NvmlDevice> atPciBusId(String pciBusId) {
        return library.handle("nvmlDeviceGetHandleByPciBusId_v2", pciBusId)
                .map(handle -> new NvmlDevice(library, handle));
    }

    /** The device with a UUID, for example {@code GPU-8f6f...}. */
    public Answer<NvmlDevice> withUuid(String uuid) {
        return library.handle("nvmlDeviceGetHandleByUUID", uuid).map(handle -> new NvmlDevice(library, handle));
    }

    /** Releases the library's state; its own count lets others go on. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            library.call("nvmlShutdown");
        }
    }
}
