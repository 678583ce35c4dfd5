package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.statistics.Estimate;

/**
 * What one layer takes of a step, and what it achieves.
 *
 * @param forwardSeconds of its forward launches
 * @param backwardSeconds of all its other launches, the optimizer's update included
 * @param share of the whole step's time
 * @param flopsPerSecond floating-point operations, two per multiply-accumulate, over its time
 * @param bytesPerSecond over its time, with each tensor moved once per launch
 * @param bound what its time would be by a roofline of the best rates in the table: {@code compute} or {@code memory},
 *     whichever takes longer
 */
record LayerTime(
        String layer,
        Quantity forwardSeconds,
        Quantity backwardSeconds,
        double share,
        double flopsPerSecond,
        double bytesPerSecond,
        String bound) {

    /** The best rates that any row of a table achieved; not the peaks of the device, which nothing here measures. */
    record Best(double flopsPerSecond, double bytesPerSecond) {
        static Best of(CostTable table) {
            double flops = 0;
            double bytes = 0;
            for (var row : table.rows().values()) {
                Workload workload = row.key().workload();
                double seconds = row.seconds().estimate().map(Estimate::value).orElse(Double.POSITIVE_INFINITY);
                flops = Math.max(flops, 2.0 * workload.macs() / seconds);
                bytes = Math.max(bytes, workload.bytesMoved() / seconds);
            }
            return new Best(flops, bytes);
        }
    }

    private static final Quantity NOTHING = Quantity.derived(Estimate.exact(0));

    /** The layers of a step whose every launch is in the table, the longest first. */
    static List<LayerTime> ranked(StepProgram program, CostTable table) {
        MeasuredCosts costs = new MeasuredCosts(table);
        Best best = Best.of(table);
        Map<String, List<Instruction>> layers = new LinkedHashMap<>();
        double total = 0;
        for (Instruction instruction : program.instructions()) {
            layers.computeIfAbsent(instruction.layer(), layer -> new ArrayList<>())
                    .add(instruction);
            total += value(costs.predict(instruction.workload()).seconds());
        }
        List<LayerTime> times = new ArrayList<>();
        for (Map.Entry<String, List<Instruction>> layer : layers.entrySet()) {
            times.add(of(layer.getKey(), layer.getValue(), costs, best, total));
        }
        times.sort(Comparator.comparingDouble(LayerTime::share).reversed());
        return times;
    }

    private static LayerTime of(
            String layer, List<Instruction> instructions, MeasuredCosts costs, Best best, double total) {
        Quantity forward = NOTHING;
        Quantity backward = NOTHING;
        double flops = 0;
        double bytes = 0;
        for (Instruction instruction : instructions) {
            Workload workload = instruction.workload();
            Quantity seconds = costs.predict(workload).seconds();
            if (workload.pass() == Pass.FORWARD) {
                forward = forward.equals(NOTHING) ? seconds : forward.plus(seconds);
            } else {
                backward = backward.equals(NOTHING) ? seconds : backward.plus(seconds);
            }
            flops += 2.0 * workload.macs();
            bytes += workload.bytesMoved();
        }
        double seconds = value(forward) + value(backward);
        boolean compute = flops / best.flopsPerSecond() > bytes / best.bytesPerSecond();
        return new LayerTime(
                layer,
                forward,
                backward,
                seconds / total,
                flops / seconds,
                bytes / seconds,
                compute ? "compute" : "memory");
    }

    private static double value(Quantity quantity) {
        return quantity.estimate().map(Estimate::value).orElse(0.0);
    }
}
