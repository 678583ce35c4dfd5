package org.secateur.profilers.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Request;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;

/**
 * The launches of a step over buffers of its own, planned once, in the program's order. The optimizer step, which comes
 * last in a program, is kept apart, since its rule may change from step to step.
 */
final class StepLaunches implements Resource {
    private final Resources resources = new Resources();
    private final Scratch scratch;
    private final Planning planning;
    private final StepBuffers buffers;
    private final LayerNumbers layers;
    private final SgdScalars rule = new SgdScalars(SgdRule.MEASURING);
    private final Map<Planned, Plan> plans = new HashMap<>();
    private final List<Launch> passes = new ArrayList<>();
    private final List<Launch> updates = new ArrayList<>();
    private boolean deterministic = true;

    /** What launches have in common that share a plan. */
    private record Planned(Workload workload, List<Integer> sources, BatchNormRule rule) {}

    /**
     * Plans a step.
     *
     * @param layers a layer that they do not name maps channels as {@link PixelPlans#sources} says, or is the usual
     *     batch norm
     * @throws IllegalArgumentException when there is no kernel for one of its workloads
     */
    StepLaunches(
            Gpu gpu,
            EventTimer timer,
            ConvolutionChoices choices,
            StepProgram program,
            LayerNumbers layers,
            NormalPool pool) {
        this.layers = layers;
        try {
            scratch = resources.add(new Scratch(gpu));
            planning = new Planning(Request.DEFAULT, new Descriptors(gpu, resources), scratch, timer, choices);
            buffers = new StepBuffers(gpu, resources, program, pool);
            for (Instruction instruction : program.instructions()) {
                if (instruction.workload().operation() instanceof OptimizerStep) {
                    update(instruction);
                } else {
                    launch(instruction);
                }
            }
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private void launch(Instruction instruction) {
        Workload workload = instruction.workload();
        try {
            Plans.check(workload);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("layer " + instruction.layer() + ": " + e.getMessage(), e);
        }
        Operands operands = buffers.operands(instruction);
        Planned key = new Planned(workload, sources(instruction), layers.batchNorm(instruction.layer()));
        Plan plan = plans.get(key);
        if (plan == null) {
            plan = switch (workload.operation()) {
                case IndexMap map -> PixelPlans.indexMap(map, key.sources(), workload, planning, operands);
                case BatchNorm norm ->
                    new BatchNormPlan(norm, key.rule(), workload, planning.descriptors(), planning.scratch());
                default -> Plans.of(workload, planning, operands);
            };
            plans.put(key, plan);
            deterministic &= plan.variant().deterministic();
        }
        if ((workload.operation() instanceof IndexMap || workload.operation() instanceof Pad)
                && buffers.isShared(instruction.writes().get(0))) {
            passes.add(operands.written(0)::clear); // they leave pixels out, which others write
        }
        passes.add(plan.on(operands));
    }

    /** The channels that an index map copies; of everything else nothing. */
    private List<Integer> sources(Instruction instruction) {
        if (!(instruction.workload().operation() instanceof IndexMap map)) {
            return List.of();
        }
        List<Integer> sources = layers.channelMaps().get(instruction.layer());
        if (sources == null) {
            return PixelPlans.sources(map);
        }
        long mapped = sources.stream().filter(source -> source >= 0).count();
        if (sources.size() != map.k()
                || mapped != map.mapped()
                || sources.stream().anyMatch(source -> source < -1 || source >= map.c())) {
            throw new IllegalArgumentException(
                    "layer " + instruction.layer() + " maps channels " + sources + ": expected " + map.k()
                            + ", of which " + map.mapped() + " below " + map.c() + " and the rest -1");
        }
        return sources;
    }

    /** One for each type of parameters: batch norms keep theirs in FP32. */
    private void update(Instruction instruction) {
        for (StepBuffers.Flat flat : buffers.flats(instruction)) {
            OptimizerStep step = new OptimizerStep(flat.elements(), 1);
            Plan plan = ElementwisePlans.optimizerStep(step, rule, flat.type(), planning.descriptors());
            updates.add(plan.on(new Operands(List.of(flat.values(), flat.gradients(), flat.momenta()), List.of())));
        }
    }

    /** Enqueues everything but the optimizer step. */
    void run() {
        passes.forEach(Launch::run);
    }

    /** Enqueues the optimizer step by a rule, which a capture keeps; nothing where the program has none. */
    void update(SgdRule by) {
        rule.set(by);
        updates.forEach(Launch::run);
    }

    /** What its plans were made with, for more launches beside its own. */
    Planning planning() {
        return planning;
    }

    /** The memory of a buffer of the program. */
    DeviceMemory memory(String buffer) {
        return buffers.memory(buffer);
    }

    /** The memory of an updated parameter's gradient. */
    DeviceMemory gradient(String parameter) {
        return buffers.gradient(parameter);
    }

    /** Whether each of its algorithms gives the same bits for the same input. */
    boolean deterministic() {
        return deterministic;
    }

    /** Bytes of the workspace that its launches share. */
    long workspaceBytes() {
        return scratch.workspace().bytes();
    }

    @Override
    public void close() {
        resources.close();
    }
}
