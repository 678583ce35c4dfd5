package org.secateur.profilers.cuda;

import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstreamCaptureMode;

/** Launches that were captured once and are enqueued together, so that the device need not wait for the host. */
final class Graph implements Resource {
    private final Gpu gpu;
    private final CUgraphExec executable = new CUgraphExec();

    private Graph(Gpu gpu) {
        this.gpu = gpu;
    }

    /**
     * Captures what {@code launches} enqueues on the GPU's stream; everything in it must have run once before, since
     * nothing may be loaded or allocated while capturing.
     */
    static Graph capture(Gpu gpu, Runnable launches) {
        Graph made = new Graph(gpu);
        CUgraph graph = new CUgraph();
        gpu.check(
                cuStreamBeginCapture(gpu.stream(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                "cuStreamBeginCapture");
        try {
            launches.run();
        } catch (RuntimeException e) {
            if (cuStreamEndCapture(gpu.stream(), graph) == CUresult.CUDA_SUCCESS) {
                cuGraphDestroy(graph);
            }
            throw e;
        }
        gpu.check(cuStreamEndCapture(gpu.stream(), graph), "cuStreamEndCapture");
        try {
            gpu.check(cuGraphInstantiate(made.executable, graph, 0), "cuGraphInstantiate");
        } finally {
            gpu.check(cuGraphDestroy(graph), "cuGraphDestroy");
        }
        return made;
    }

    /** Enqueues all of it. */
    void launch() {
        gpu.check(cuGraphLaunch(executable, gpu.stream()), "cuGraphLaunch");
    }

    @Override
    public void close() {
        gpu.check(cuGraphExecDestroy(executable), "cuGraphExecDestroy");
    }
}
