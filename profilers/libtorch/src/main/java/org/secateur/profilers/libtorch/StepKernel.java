package org.secateur.profilers.libtorch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;

/**
 * A replay of a step: the workloads of its instructions, launched in order on data of their own. Each instruction has
 * buffers of its own, as in the step, and more where the whole step would fit into the cache. What stands between the
 * operations in a real step (reading a batch, autograd's bookkeeping) is missing.
 */
final class StepKernel implements Kernel {
    private final List<WorkloadKernel> opened = new ArrayList<>();
    private final List<WorkloadKernel> steps = new ArrayList<>();

    StepKernel(StepProgram program, long cacheBytes, NormalPool pool) {
        Map<Workload, Integer> uses = new HashMap<>();
        long bytes = 0;
        for (Instruction instruction : program.instructions()) {
            uses.merge(instruction.workload(), 1, Integer::sum);
            bytes += instruction.workload().bytesMoved();
        }
        int rounds = Math.toIntExact(Math.max(1, Math.ceilDiv(2 * cacheBytes, Math.max(1, bytes))));
        try {
            Map<Workload, WorkloadKernel> kernels = new HashMap<>();
            for (Instruction instruction : program.instructions()) {
                steps.add(kernels.computeIfAbsent(instruction.workload(), workload -> {
                    int sets = uses.getOrDefault(workload, 1) * rounds;
                    WorkloadKernel kernel = new WorkloadKernel(workload, new Rotation(sets, 0), pool);
                    opened.add(kernel);
                    return kernel;
                }));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public void launch() {
        steps.forEach(WorkloadKernel::launch);
    }

    /** Does nothing: a launch returns when it is done. */
    @Override
    public void synchronize() {}

    @Override
    public Variant variant() {
        return new Variant("libtorch replay", 0, true);
    }

    @Override
    public void close() {
        opened.forEach(WorkloadKernel::close);
        opened.clear();
        steps.clear();
    }
}
