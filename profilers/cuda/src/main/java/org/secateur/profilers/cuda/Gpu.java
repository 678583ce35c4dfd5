package org.secateur.profilers.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDeviceGetPCIBusId;
import static jcuda.driver.JCudaDriver.cuDeviceGetUuid;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.CUuuid;
import jcuda.driver.JCudaDriver;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * One GPU: its primary context, one stream on which everything is enqueued, and a cuDNN handle on it. Every call to the
 * driver and to cuDNN is checked here. Used by the thread that opened it.
 */
final class Gpu implements Resource {
    private static final int SUCCESS = 0;

    /** By thousands: what cuDNN 9 answers when it has no kernel, with its reasons as further digits. */
    private static final int NOT_SUPPORTED = 3;

    private final String id;
    private final CUdevice device = new CUdevice();
    private final CUstream stream = new CUstream();
    private final cudnnHandle cudnn = new cudnnHandle();
    private final Resources resources = new Resources();
    private final Pointer one = constant(1);
    private final Pointer zero = constant(0);

    /**
     * Opens the GPU that CUDA numbers {@code ordinal}.
     *
     * @param id its name on the command line, for messages
     * @throws SecateurException when there is none of that number, or it cannot be used
     */
    Gpu(String id, int ordinal) {
        this.id = id;
        int result = cuInit(0);
        if (result == CUresult.CUDA_ERROR_NO_DEVICE) {
            throw noDevice("the driver sees no GPU", "check nvidia-smi and CUDA_VISIBLE_DEVICES");
        }
        check(result, "cuInit");
        int[] count = new int[1];
        check(cuDeviceGetCount(count), "cuDeviceGetCount");
        if (ordinal >= count[0]) {
            throw noDevice(
                    "there is no such GPU: the driver sees " + count[0],
                    count[0] == 1 ? "use cuda:0" : "use cuda:0 to cuda:" + (count[0] - 1));
        }
        check(cuDeviceGet(device, ordinal), "cuDeviceGet");
        try {
            CUcontext context = new CUcontext();
            check(cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
            resources.add(() -> check(cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease"));
            check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
            // Not the default stream, which cannot be captured.
            check(cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
            resources.add(() -> check(cuStreamDestroy(stream), "cuStreamDestroy"));
            checkCudnn(JCudnn.cudnnCreate(cudnn), "cudnnCreate");
            resources.add(() -> checkCudnn(JCudnn.cudnnDestroy(cudnn), "cudnnDestroy"));
            checkCudnn(JCudnn.cudnnSetStream(cudnn, new cudaStream_t(stream)), "cudnnSetStream");
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private Gpu(String id) {
        this.id = id;
    }

    /** None, for what cuDNN does without one: it makes descriptors. */
    static Gpu none() {
        return new Gpu("no GPU");
    }

    private static Pointer constant(float value) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Float.BYTES).order(ByteOrder.nativeOrder());
        buffer.putFloat(0, value);
        return Pointer.to(buffer);
    }

    private SecateurException noDevice(String what, String fix) {
        return SecateurException.environment(what, id, fix);
    }

    /** A host scalar, as cuDNN takes its factors; lives as long as it is referenced. */
    static Pointer scalar(double value) {
        return constant((float) value);
    }

    /** The host scalar 1. */
    Pointer one() {
        return one;
    }

    /** The host scalar 0. */
    Pointer zero() {
        return zero;
    }

    /** The stream of all work. */
    CUstream stream() {
        return stream;
    }

    cudnnHandle cudnn() {
        return cudnn;
    }

    String id() {
        return id;
    }

    /** The model's name. */
    String name() {
        byte[] text = new byte[256];
        check(cuDeviceGetName(text, text.length, device), "cuDeviceGetName");
        int length = 0;
        while (length < text.length && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }

    /** The board's own name, as NVML writes it: {@code GPU-} and a UUID. */
    String uuid() {
        CUuuid uuid = new CUuuid();
        check(cuDeviceGetUuid(uuid, device), "cuDeviceGetUuid");
        String hex = HexFormat.of().formatHex(uuid.bytes, 0, 16);
        return "GPU-" + hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16) + "-"
                + hex.substring(16, 20) + "-" + hex.substring(20);
    }

    /** Where the board sits, as {@code domain:bus:device.function}. */
    String pciBusId() {
        String[] text = new String[1];
        check(cuDeviceGetPCIBusId(text, 32, device), "cuDeviceGetPCIBusId");
        return text[0];
    }

    /** The CUDA version that the driver supports, for example 12.6. */
    String driverVersion() {
        int[] version = new int[1];
        check(cuDriverGetVersion(version), "cuDriverGetVersion");
        return version[0] / 1000 + "." + version[0] % 1000 / 10;
    }

    /** cuDNN's version, for example 9.5.0. */
    static String cudnnVersion() {
        long version = JCudnn.cudnnGetVersion();
        return version / 10_000 + "." + version % 10_000 / 100 + "." + version % 100;
    }

    /** Bytes of the level-2 cache. */
    long cacheBytes() {
        return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, "L2_CACHE_SIZE");
    }

    /** For example {@code 9.0}. */
    String computeCapability() {
        return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, "COMPUTE_CAPABILITY_MAJOR")
                + "."
                + attribute(
                        CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, "COMPUTE_CAPABILITY_MINOR");
    }

    private int attribute(int attribute, String name) {
        int[] value = new int[1];
        check(cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute " + name);
        return value[0];
    }

    /** Bytes of memory that are free now. */
    long freeBytes() {
        long[] free = new long[1];
        long[] total = new long[1];
        check(cuMemGetInfo(free, total), "cuMemGetInfo");
        return free[0];
    }

    /** Waits until everything enqueued on the stream is done. */
    void synchronize() {
        check(cuStreamSynchronize(stream), "cuStreamSynchronize");
    }

    /** Waits until everything is done, on whatever stream. */
    void synchronizeAll() {
        check(cuCtxSynchronize(), "cuCtxSynchronize");
    }

    /**
     * Turns a failed call of the driver into an exception that names it.
     *
     * @param call the function, and what it was called with where that matters
     */
    void check(int result, String call) {
        if (result == SUCCESS) {
            return;
        }
        String[] name = new String[1];
        String known = JCudaDriver.cuGetErrorName(result, name) == SUCCESS ? name[0] : "an unknown error";
        throw failure(call, result, known, fix(result));
    }

    private static String fix(int result) {
        return switch (result) {
            case CUresult.CUDA_ERROR_OUT_OF_MEMORY -> "use a smaller batch, or free memory of the GPU";
            case CUresult.CUDA_ERROR_LAUNCH_FAILED,
                    CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                    CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
                    CUresult.CUDA_ERROR_UNKNOWN ->
                "this process has lost the GPU: start again; the kernel's log (dmesg, Xid) may tell why";
            default -> "check the GPU with nvidia-smi";
        };
    }

    /**
     * Turns a failed call of cuDNN into an exception that names it.
     *
     * @throws IllegalArgumentException when cuDNN has no kernel for what was asked
     */
    void checkCudnn(int status, String call) {
        if (status / 1000 == NOT_SUPPORTED) {
            throw new IllegalArgumentException(
                    "cuDNN has no kernel for it: " + call + " answers " + JCudnn.cudnnGetErrorString(status));
        }
        if (status != SUCCESS) {
            throw failure(call, status, JCudnn.cudnnGetErrorString(status), "check the GPU with nvidia-smi");
        }
    }

    private SecateurException failure(String call, int code, String name, String fix) {
        return new SecateurException(ExitCode.FAILED, call + " failed with " + name + " (" + code + ")", id, fix);
    }

    /** Releases handle, stream and context. */
    @Override
    public void close() {
        resources.close();
    }
}
