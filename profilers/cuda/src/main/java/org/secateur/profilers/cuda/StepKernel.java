package org.secateur.profilers.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Request;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/**
 * A whole step on a GPU with its real flow of data: each instruction reads what earlier ones wrote, and an optimizer
 * step moves the parameters. Captured as one graph. Index maps have only the counts of a program's operations, so they
 * map channels as {@link PixelPlans#sources} says.
 */
final class StepKernel implements Replayable {
    private final Gpu gpu;
    private final Resources resources = new Resources();
    private final Scratch scratch;
    private final Planning planning;
    private final StepBuffers buffers;
    private final Map<Workload, Plan> plans = new HashMap<>();
    private final List<Launch> launches = new ArrayList<>();
    private final Graph graph;
    private boolean deterministic = true;

    /**
     * Prepares a step and runs it once.
     *
     * @param rule of the optimizer
     * @throws IllegalArgumentException when there is no kernel for one of its workloads
     */
    StepKernel(Gpu gpu, EventTimer timer, StepProgram program, SgdRule rule, NormalPool pool) {
        this.gpu = gpu;
        try {
            scratch = resources.add(new Scratch(gpu));
            planning = new Planning(Request.DEFAULT, new Descriptors(gpu, resources), scratch, timer);
            buffers = new StepBuffers(gpu, resources, program, pool);
            for (Instruction instruction : program.instructions()) {
                if (instruction.workload().operation() instanceof OptimizerStep) {
                    optimizer(instruction, rule);
                } else {
                    launch(instruction);
                }
            }
            run();
            gpu.synchronize();
            graph = resources.add(Graph.capture(gpu, this::run));
            resources.add(gpu::synchronize); // nothing is released while it is in use
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private void launch(Instruction instruction) {
        Workload workload = instruction.workload();
        Plans.check(workload);
        Operands operands = buffers.operands(instruction);
        Plan plan = plans.get(workload);
        if (plan == null) {
            plan = Plans.of(workload, planning, operands);
            plans.put(workload, plan);
            deterministic &= plan.variant().deterministic();
        }
        if (workload.operation() instanceof IndexMap
                && buffers.isShared(instruction.writes().get(0))) {
            launches.add(operands.written(0)::clear); // maps leave pixels out, which others write
        }
        launches.add(plan.on(operands));
    }

    /** One for each type of parameters: batch norms keep theirs in FP32. */
    private void optimizer(Instruction instruction, SgdRule rule) {
        for (StepBuffers.Flat flat : buffers.flats(instruction)) {
            OptimizerStep step = new OptimizerStep(flat.elements(), 1);
            Plan plan = ElementwisePlans.optimizerStep(step, rule, flat.type(), planning.descriptors());
            launches.add(plan.on(new Operands(List.of(flat.values(), flat.gradients(), flat.momenta()), List.of())));
        }
    }

    private void run() {
        launches.forEach(Launch::run);
    }

    /** The memory of a buffer of the program. */
    DeviceMemory memory(String buffer) {
        return buffers.memory(buffer);
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
        return new Variant("cudnn step", scratch.workspace().bytes(), deterministic);
    }

    @Override
    public void close() {
        resources.close();
    }
}
