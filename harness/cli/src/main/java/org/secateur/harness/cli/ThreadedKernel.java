package org.secateur.harness.cli;

import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.Variant;

/** A kernel that runs on so many threads, whatever number another one left. */
record ThreadedKernel(Kernel kernel, int threads, IntConsumer setThreads) implements Kernel {

    /** Opens a kernel on so many threads. */
    static ThreadedKernel open(Supplier<Kernel> kernel, int threads, IntConsumer setThreads) {
        setThreads.accept(threads);
        return new ThreadedKernel(kernel.get(), threads, setThreads);
    }

    @Override
    public void launch() {
        setThreads.accept(threads);
        kernel.launch();
    }

    @Override
    public void synchronize() {
        kernel.synchronize();
    }

    @Override
    public Variant variant() {
        return kernel.variant();
    }

    @Override
    public void close() {
        kernel.close();
    }
}
