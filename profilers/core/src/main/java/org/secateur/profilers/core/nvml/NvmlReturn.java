package org.secateur.profilers.core.nvml;

/**
 * What an NVML function returned ({@code nvmlReturn_t}).
 *
 * @param code 0 is success
 */
public record NvmlReturn(int code) {
    public static final NvmlReturn SUCCESS = new NvmlReturn(0);
    public static final NvmlReturn NOT_SUPPORTED = new NvmlReturn(3);
    public static final NvmlReturn NO_PERMISSION = new NvmlReturn(4);
    public static final NvmlReturn NOT_FOUND = new NvmlReturn(6);
    public static final NvmlReturn INSUFFICIENT_SIZE = new NvmlReturn(7);
    public static final NvmlReturn DRIVER_NOT_LOADED = new NvmlReturn(9);
    public static final NvmlReturn FUNCTION_NOT_FOUND = new NvmlReturn(13);
    public static final NvmlReturn GPU_IS_LOST = new NvmlReturn(15);
    public static final NvmlReturn LIB_RM_VERSION_MISMATCH = new NvmlReturn(18);
    public static final NvmlReturn NO_DATA = new NvmlReturn(21);

    /** Its name and what that means, for example {@code NOT_SUPPORTED: the GPU does not offer it}. */
    public String text() {
        return switch (code) {
            case 0 -> "SUCCESS";
            case 1 -> "UNINITIALIZED: the library is not initialised";
            case 2 -> "INVALID_ARGUMENT";
            case 3 -> "NOT_SUPPORTED: this GPU does not offer it";
            case 4 -> "NO_PERMISSION: this user may not";
            case 6 -> "NOT_FOUND";
            case 7 -> "INSUFFICIENT_SIZE";
            case 8 -> "INSUFFICIENT_POWER: the board's power cables are not attached properly";
            case 9 -> "DRIVER_NOT_LOADED: the kernel's NVIDIA driver is not loaded";
            case 10 -> "TIMEOUT";
            case 11 -> "IRQ_ISSUE: the kernel has a problem with the GPU's interrupts";
            case 12 -> "LIBRARY_NOT_FOUND";
            case 13 -> "FUNCTION_NOT_FOUND: the library is too old for it";
            case 14 -> "CORRUPTED_INFOROM";
            case 15 -> "GPU_IS_LOST: the GPU has fallen off the bus";
            case 16 -> "RESET_REQUIRED: the GPU needs a reset";
            case 17 -> "OPERATING_SYSTEM: the operating system blocks the GPU";
            case 18 -> "LIB_RM_VERSION_MISMATCH: driver and library are of different versions";
            case 19 -> "IN_USE";
            case 20 -> "MEMORY: out of memory";
            case 21 -> "NO_DATA";
            case 999 -> "UNKNOWN: an internal error of the driver";
            default -> "error " + code;
        };
    }
}
