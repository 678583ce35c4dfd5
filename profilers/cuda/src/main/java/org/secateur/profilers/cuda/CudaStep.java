package org.secateur.profilers.cuda;

import org.jspecify.annotations.Nullable;
import org.secateur.results.core.DataType;
import org.secateur.results.core.StepProgram;

/**
 * A step on a GPU that works on its owner's numbers: an inference, or a training step that really trains. Its passes
 * are replayed as one graph, the group lasso as another; the optimizer step is enqueued after them, with its own rule
 * each time. FP32 only. Used by the thread that opened the device; the owner closes it before the device.
 */
public final class CudaStep implements AutoCloseable {
    private final Gpu gpu;
    private final Resources resources = new Resources();
    private final StepLaunches launches;
    private final LassoLaunches lasso;
    private final Graph passes;
    private final Event started;
    private final Event passed;
    private final Event regularised;
    private final Event updated;
    private @Nullable Graph regulariser;
    private double capturedLambda;

    /**
     * How long a training step took by the GPU's clock.
     *
     * @param stepSeconds the passes and the optimizer
     * @param regulariserSeconds the group lasso between them
     */
    public record Times(double stepSeconds, double regulariserSeconds) {}

    CudaStep(
            Gpu gpu,
            EventTimer timer,
            ConvolutionChoices choices,
            StepProgram program,
            LayerNumbers layers,
            GroupLasso groups,
            NormalPool pool) {
        this.gpu = gpu;
        requireSingles(program);
        try {
            launches = resources.add(new StepLaunches(gpu, timer, choices, program, layers, pool));
            lasso = new LassoLaunches(groups, launches);
            started = resources.add(new Event(gpu));
            passed = resources.add(new Event(gpu));
            regularised = resources.add(new Event(gpu));
            updated = resources.add(new Event(gpu));
            // Nothing may be loaded while capturing, so that everything runs once before.
            launches.run();
            lasso.run(0);
            gpu.synchronize();
            passes = resources.add(Graph.capture(gpu, launches::run));
            resources.add(this::forgetRegulariser);
            resources.add(gpu::synchronize); // nothing is released while it is in use
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private static void requireSingles(StepProgram program) {
        program.instructions().forEach(instruction -> {
            if (instruction.workload().dataType() != DataType.F32) {
                throw new IllegalArgumentException(
                        "workload " + instruction.workload().text() + ": training is in dtype=f32 only");
            }
        });
    }

    /**
     * Overwrites a buffer of the program when everything enqueued is done. Labels are one-hot rows.
     *
     * @throws IllegalArgumentException when there is no such buffer, or it has another number of elements
     */
    public void write(String buffer, float[] values) {
        DeviceMemory memory = launches.memory(buffer);
        if (memory.bytes() != (long) values.length * Float.BYTES) {
            throw new IllegalArgumentException(
                    values.length + " numbers for buffer " + buffer + ": expected " + memory.bytes() / Float.BYTES);
        }
        Numbers.write(memory, DataType.F32, values);
    }

    /** The elements of a buffer of the program when everything enqueued is done. */
    public float[] read(String buffer) {
        DeviceMemory memory = launches.memory(buffer);
        return Numbers.read(memory, DataType.F32, Math.toIntExact(memory.bytes() / Float.BYTES));
    }

    /** Enqueues copying a buffer of another step of the same device into this one's of the same name and size. */
    public void copy(CudaStep from, String buffer) {
        launches.memory(buffer).copy(from.launches.memory(buffer));
    }

    /** Enqueues the passes, without the optimizer step. */
    public void run() {
        passes.launch();
    }

    /**
     * Enqueues a training step: the passes, the group lasso's gradient, the optimizer step.
     *
     * @param lambda the group lasso's weight; 0 leaves it out
     */
    public void train(SgdRule rule, double lambda) {
        started.record();
        passes.launch();
        passed.record();
        if (lambda > 0) {
            regulariser(lambda).launch();
        }
        regularised.record();
        launches.update(rule);
        updated.record();
    }

    /** Waits for the latest training step. */
    public Times await() {
        updated.await();
        double regularising = regularised.secondsSince(passed);
        return new Times(updated.secondsSince(started) - regularising, regularising);
    }

    /** The launches for a lambda, captured anew when it has changed. */
    private Graph regulariser(double lambda) {
        Graph present = regulariser;
        if (present == null || lambda != capturedLambda) {
            forgetRegulariser();
            present = Graph.capture(gpu, () -> lasso.run(lambda));
            regulariser = present;
            capturedLambda = lambda;
        }
        return present;
    }

    private void forgetRegulariser() {
        Graph present = regulariser;
        if (present != null) {
            regulariser = null;
            try {
                gpu.synchronize(); // it may be in use
            } finally {
                present.close();
            }
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
