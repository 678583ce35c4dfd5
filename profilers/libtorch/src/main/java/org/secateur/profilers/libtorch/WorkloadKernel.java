package org.secateur.profilers.libtorch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/**
 * One workload on the processor. A set of buffers keeps what its launch made until its next turn, as training keeps
 * activations, so that outputs are as cold as inputs.
 */
final class WorkloadKernel implements Kernel {
    private final Workload workload;
    private final PointerScope scope;
    private final Buffers buffers;
    private final List<Launch> sets = new ArrayList<>();
    private final List<List<Tensor>> made = new ArrayList<>();
    private int next;

    /**
     * Prepares the sets and launches the first one once.
     *
     * @throws IllegalArgumentException when there is no kernel for the workload
     */
    @SuppressWarnings("try") // grad mode only has to be on
    WorkloadKernel(Workload workload, Rotation rotation, NormalPool pool) {
        this.workload = workload;
        this.buffers = new Buffers(pool, Launches.format(workload));
        try (PointerScope opened = new PointerScope();
                AutoGradMode mode = new AutoGradMode(true)) {
            scope = opened;
            sets.add(Launches.prepare(workload, buffers));
            made.add(List.of());
            launch();
            long bytes = buffers.bytes()
                    + made.get(0).stream().mapToLong(Tensor::nbytes).sum();
            int count = rotation.setsOf(bytes);
            for (int i = 1; i < count; i++) {
                sets.add(Launches.prepare(workload, buffers));
                made.add(List.of());
            }
            next = 0;
            opened.extend();
        } catch (IllegalArgumentException e) {
            buffers.close();
            throw e;
        } catch (RuntimeException e) {
            made.forEach(tensors -> tensors.forEach(Tensor::close));
            buffers.close();
            throw new SecateurException(
                    ExitCode.FAILED,
                    "libtorch cannot run a workload: " + firstLine(e),
                    workload.text(),
                    "leave this workload out, or give the process more memory",
                    e);
        }
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
    }

    @Override
    @SuppressWarnings("try") // grad mode only has to be set
    public void launch() {
        made.get(next).forEach(Tensor::close);
        made.set(next, List.of());
        try (PointerScope launch = new PointerScope();
                AutoGradMode mode = new AutoGradMode(Launches.inGradMode(workload))) {
            made.set(
                    next,
                    sets.get(next).run().stream().map(WorkloadKernel::kept).toList());
        }
        next = (next + 1) % sets.size();
    }

    /** A handle of our own, since some point into a tuple or vector, that outlives the open pointer scope. */
    private static Tensor kept(Tensor tensor) {
        Tensor handle = new Tensor(tensor);
        handle.retainReference();
        return handle;
    }

    /** Does nothing: a launch returns when it is done. */
    @Override
    public void synchronize() {}

    /** The library: libtorch chooses between oneDNN and its own code, and does not tell which. */
    @Override
    public Variant variant() {
        return new Variant("libtorch", 0, true);
    }

    /** Sets of buffers in rotation. */
    int sets() {
        return sets.size();
    }

    /** Bytes of all sets, without what launches made. */
    long bytes() {
        return buffers.bytes();
    }

    @Override
    public void close() {
        made.forEach(tensors -> tensors.forEach(Tensor::close));
        made.clear();
        sets.clear();
        buffers.close();
        scope.close();
    }
}
