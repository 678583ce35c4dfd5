package org.secateur.profilers.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventQuery;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;

/** A moment of the GPU's stream, to which the GPU gives a time stamp of its own (about half a microsecond). */
final class Event implements Resource {
    private final Gpu gpu;
    private final CUevent event = new CUevent();

    Event(Gpu gpu) {
        this.gpu = gpu;
        gpu.check(cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT), "cuEventCreate");
    }

    /** Puts it behind what is enqueued. */
    void record() {
        gpu.check(cuEventRecord(event, gpu.stream()), "cuEventRecord");
    }

    /** Whether the stream has reached it. */
    boolean reached() {
        int result = cuEventQuery(event);
        if (result == CUresult.CUDA_ERROR_NOT_READY) {
            return false;
        }
        gpu.check(result, "cuEventQuery");
        return true;
    }

    /** Waits until the stream has reached it. */
    void await() {
        gpu.check(cuEventSynchronize(event), "cuEventSynchronize");
    }

    /** Seconds since an earlier event; both must have been reached. */
    double secondsSince(Event earlier) {
        float[] milliseconds = new float[1];
        gpu.check(cuEventElapsedTime(milliseconds, earlier.event, event), "cuEventElapsedTime");
        return milliseconds[0] / 1e3;
    }

    @Override
    public void close() {
        gpu.check(cuEventDestroy(event), "cuEventDestroy");
    }
}
