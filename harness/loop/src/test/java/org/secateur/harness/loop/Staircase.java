package org.secateur.harness.loop;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Workload;

/**
 * A simulated machine's costs: convolutions on a staircase of 16 channels, where 97 to 112 output channels cost twice as
 * much and are dearer than 128, and 33 to 48 cost what 48 do; all else by size.
 */
final class Staircase implements ToDoubleFunction<Workload> {
    @Override
    public double applyAsDouble(Workload workload) {
        return switch (workload.operation()) {
            case Operation.Convolution c -> {
                double pixels = (double) c.n()
                        * c.h()
                        * c.w()
                        / (c.stride().height() * c.stride().width());
                double seconds = steps(c.c()) * steps(c.k()) * c.r() * c.s() * pixels * 1e-11;
                yield cliff(c.k()) ? 2 * seconds : seconds;
            }
            case Operation.Linear l -> steps(l.in()) * l.out() * l.n() * 1e-11;
            case Operation.OptimizerStep o -> o.parameters() * 1e-9;
            default -> workload.bytesMoved() * 1e-11;
        };
    }

    /** Whether a width stands on the cliff. */
    static boolean cliff(int channels) {
        return channels > 96 && channels <= 112;
    }

    private static double steps(int channels) {
        return Math.ceil(channels / 16.0) * 16;
    }

    /** The true cost of a network's training step at these widths, the loss excluded. */
    double step(Network network, Map<String, Integer> widths, int batch) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        widths.forEach((id, width) -> kept.put(id, IntStream.range(0, width).toArray()));
        return step(Surgery.shrink(network, kept), batch);
    }

    /** The true cost of a network's training step, the loss excluded. */
    double step(Network network, int batch) {
        StepProgram program = Lowering.training(network, batch, DataType.F32, Layout.NCHW);
        return workloads(program).stream().mapToDouble(this).sum();
    }

    private static List<Workload> workloads(StepProgram program) {
        return program.instructions().stream()
                .filter(i -> !i.layer().equals(Lowering.LOSS))
                .map(StepProgram.Instruction::workload)
                .toList();
    }
}
