package org.secateur.models.libtorch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.results.core.SecateurException;

/**
 * Processes of one machine that add up tensors over the loopback interface, by libtorch's Gloo. Each calls the same
 * operations in the same order, and gets the same bits. Used by one thread; whoever opens it closes it.
 */
final class ProcessGroup implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final int rank;
    private final int size;
    private final PointerScope scope;
    private final ProcessGroupGloo gloo;
    private final Function<RuntimeException, SecateurException> broken;

    /**
     * Joins a group; returns when all have.
     *
     * @param store a file by which they find each other, the same for all, of no group before
     * @param rank of this process, 0 to below size
     * @param joining how long to wait for the others
     * @param working how long an operation waits for the others
     * @param broken what to throw when the others are gone or too late
     */
    ProcessGroup(
            Path store,
            int rank,
            int size,
            Duration joining,
            Duration working,
            Function<RuntimeException, SecateurException> broken) {
        this.rank = rank;
        this.size = size;
        this.broken = broken;
        try (PointerScope opened = new PointerScope()) {
            ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(new Milliseconds(joining.toMillis()));
            options.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(LOOPBACK)));
            FileStore file = new FileStore(store.toString(), size);
            file.setTimeout(new Milliseconds(joining.toMillis()));
            gloo = new ProcessGroupGloo(file, rank, size, options);
            gloo.setTimeout(new Milliseconds(working.toMillis()));
            scope = opened.extend();
        } catch (RuntimeException e) {
            throw broken.apply(e);
        }
    }

    /** The number of this process, from 0. */
    int rank() {
        return rank;
    }

    int size() {
        return size;
    }

    /** Replaces a tensor by the sum of all processes' tensors. */
    @SuppressWarnings("try") // the scope only has to be open
    void sum(Tensor tensor) {
        try (PointerScope call = new PointerScope()) {
            gloo.allreduce(new TensorVector(tensor))._wait();
        } catch (RuntimeException e) {
            throw broken.apply(e);
        }
    }

    /** The sum of all processes' numbers. */
    @SuppressWarnings("try") // the scope only has to be open
    float sum(float number) {
        try (PointerScope call = new PointerScope()) {
            Tensor one = HostTensors.of(new float[] {number}, 1);
            sum(one);
            return one.item_float();
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
