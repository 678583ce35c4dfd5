package org.secateur.profilers.cuda;

import static jcuda.driver.JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemHostGetDevicePointer;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamWaitValue32;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.CUstreamWaitValue_flags;
import org.jspecify.annotations.Nullable;

/**
 * Holds the GPU's stream until the host has enqueued behind it what is to be timed, so that the host's delays do not
 * enter. The stream waits for a value in host memory; where a driver refuses that, it is kept busy with copies, of which
 * there are the more the more often they were too few.
 *
 * <p>A closed gate opens by itself after {@value #TIMEOUT_SECONDS} s: a queue that is full would else stop the host for
 * ever.
 */
final class Gate implements Resource {
    private static final long TIMEOUT_SECONDS = 2;
    private static final long BUSY_BYTES = 64L << 20;
    private static final int MOST_COPIES = 4096;

    private final Gpu gpu;
    private final Resources resources = new Resources();
    private final Pointer host = new Pointer();
    private final CUdeviceptr device = new CUdeviceptr();
    private final ByteBuffer flag;
    private final ScheduledExecutorService watch;
    private int ticket;
    private @Nullable Future<?> timeout;
    private @Nullable DeviceMemory busy;
    private int copies = 1;

    Gate(Gpu gpu) {
        this.gpu = gpu;
        watch = Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("secateur-gate").unstarted(task));
        resources.add(watch::shutdownNow);
        try {
            gpu.check(cuMemHostAlloc(host, Integer.BYTES, CU_MEMHOSTALLOC_DEVICEMAP), "cuMemHostAlloc");
            resources.add(() -> gpu.check(cuMemFreeHost(host), "cuMemFreeHost"));
            gpu.check(cuMemHostGetDevicePointer(device, host, 0), "cuMemHostGetDevicePointer");
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
        flag = host.getByteBuffer(0, Integer.BYTES).order(ByteOrder.nativeOrder());
        flag.putInt(0, 0);
    }

    /** Lets the stream stop here. */
    void shut() {
        if (busy != null) {
            keepBusy(busy);
            return;
        }
        ticket++;
        int result =
                cuStreamWaitValue32(gpu.stream(), device, ticket, CUstreamWaitValue_flags.CU_STREAM_WAIT_VALUE_GEQ);
        if (result == CUresult.CUDA_ERROR_NOT_SUPPORTED) {
            busy = resources.add(new DeviceMemory(gpu, 2 * BUSY_BYTES));
            keepBusy(busy);
            return;
        }
        gpu.check(result, "cuStreamWaitValue32");
        int mine = ticket;
        timeout = watch.schedule(() -> write(mine), TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private void keepBusy(DeviceMemory memory) {
        for (int i = 0; i < copies; i++) {
            gpu.check(
                    cuMemcpyDtoDAsync(memory.pointer(), memory.at(BUSY_BYTES), BUSY_BYTES, gpu.stream()),
                    "cuMemcpyDtoDAsync");
        }
    }

    /** Lets the stream go on. */
    void open() {
        if (timeout != null) {
            timeout.cancel(false);
            timeout = null;
        }
        write(ticket);
    }

    private void write(int value) {
        flag.putInt(0, value);
        VarHandle.fullFence(); // the device shall see it now
    }

    /** The stream went on before the host was ready: next time it is to be held longer. */
    void wasTooShort() {
        copies = Math.min(2 * copies, MOST_COPIES);
    }

    @Override
    public void close() {
        open();
        resources.close();
    }
}
