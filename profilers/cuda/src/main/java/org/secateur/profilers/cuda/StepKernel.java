package org.secateur.profilers.cuda;

import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Variant;

/**
 * A whole step on a GPU with its real flow of data, for measuring: each instruction reads what earlier ones wrote, and
 * an optimizer step moves the parameters. Captured as one graph. Index maps have only the counts of a program's
 * operations, so they map channels as {@link PixelPlans#sources} says.
 */
final class StepKernel implements Replayable {
    private final Gpu gpu;
    private final Resources resources = new Resources();
    private final StepLaunches launches;
    private final SgdRule rule;
    private final Graph graph;

    /**
     * Prepares a step and runs it once.
     *
     * @param rule of the optimizer
     * @throws IllegalArgumentException when there is no kernel for one of its workloads
     */
    StepKernel(
            Gpu gpu, EventTimer timer, ConvolutionChoices choices, StepProgram program, SgdRule rule, NormalPool pool) {
        this.gpu = gpu;
        this.rule = rule;
        try {
            launches = resources.add(new StepLaunches(gpu, timer, choices, program, LayerNumbers.NONE, pool));
            run();
            gpu.synchronize();
            graph = resources.add(Graph.capture(gpu, this::run));
            resources.add(gpu::synchronize); // nothing is released while it is in use
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private void run() {
        launches.run();
        launches.update(rule);
    }

    /** The memory of a buffer of the program. */
    DeviceMemory memory(String buffer) {
        return launches.memory(buffer);
    }

    @Override
    public void launch() {
        replay();
    }

    @Override
    public int launchesPerReplay() {
        return 1;
    }

    @Override
    public void replay() {
        graph.launch();
    }

    @Override
    public void synchronize() {
        gpu.synchronize();
    }

    /** The algorithms are those of the step's workloads. */
    @Override
    public Variant variant() {
        return new Variant("cudnn step", launches.workspaceBytes(), launches.deterministic());
    }

    @Override
    public void close() {
        resources.close();
    }
}
