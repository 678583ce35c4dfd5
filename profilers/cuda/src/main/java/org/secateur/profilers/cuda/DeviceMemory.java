package org.secateur.profilers.cuda;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** A piece of a GPU's memory, aligned to 256 bytes. */
final class DeviceMemory implements Resource {
    private final Gpu gpu;
    private final CUdeviceptr pointer;
    private final long bytes;
    private final boolean owned;

    /** Allocates at least one byte. */
    DeviceMemory(Gpu gpu, long bytes) {
        this.gpu = gpu;
        this.bytes = bytes;
        owned = true;
        pointer = new CUdeviceptr();
        gpu.check(cuMemAlloc(pointer, Math.max(1, bytes)), "cuMemAlloc of " + bytes + " bytes");
    }

    private DeviceMemory(DeviceMemory whole, long offset, long bytes) {
        gpu = whole.gpu;
        this.bytes = bytes;
        owned = false;
        pointer = whole.at(offset);
    }

    /** A part of it, which lives as long as the whole and need not be closed. */
    DeviceMemory part(long offset, long length) {
        if (offset < 0 || length < 0 || offset + length > bytes) {
            throw new IllegalArgumentException(
                    "part of " + length + " bytes at " + offset + " of " + bytes + " bytes of memory");
        }
        return new DeviceMemory(this, offset, length);
    }

    CUdeviceptr pointer() {
        return pointer;
    }

    /** The address {@code offset} bytes into it. */
    CUdeviceptr at(long offset) {
        return pointer.withByteOffset(offset);
    }

    long bytes() {
        return bytes;
    }

    /** Enqueues zeros. */
    void clear() {
        if (bytes > 0) {
            gpu.check(
                    cuMemsetD8Async(pointer, (byte) 0, bytes, gpu.stream()), "cuMemsetD8Async of " + bytes + " bytes");
        }
    }

    /** Enqueues a copy of another piece of the same size. */
    void copy(DeviceMemory from) {
        if (from.bytes != bytes) {
            throw new IllegalArgumentException("copy of " + from.bytes + " bytes into " + bytes + " bytes of memory");
        }
        gpu.check(
                cuMemcpyDtoDAsync(pointer, from.pointer, bytes, gpu.stream()),
                "cuMemcpyDtoDAsync of " + bytes + " bytes");
    }

    /** Overwrites its first bytes with a host array, which {@link Pointer#to} made, when everything enqueued is done. */
    void write(Pointer host, long length) {
        gpu.synchronize();
        gpu.check(cuMemcpyHtoD(pointer, host, length), "cuMemcpyHtoD of " + length + " bytes");
        // The copy runs on another stream, and may still be under way.
        gpu.synchronizeAll();
    }

    /** Reads its first bytes into a host array, when everything enqueued is done. */
    void read(Pointer host, long length) {
        gpu.synchronize();
        gpu.check(cuMemcpyDtoH(host, pointer, length), "cuMemcpyDtoH of " + length + " bytes");
    }

    @Override
    public void close() {
        if (owned) {
            gpu.check(cuMemFree(pointer), "cuMemFree");
        }
    }
}
