package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.Cost;
import org.secateur.results.core.cost.CostModel;
import org.secateur.results.core.cost.Roofline;
import org.secateur.results.core.cost.Roofline.Bound;
import org.secateur.results.core.statistics.Estimate;

/**
 * What one layer takes of a step, and what it achieves.
 *
 * @param forwardSeconds of its forward launches
 * @param backwardSeconds of all its other launches, the optimizer's update included
 * @param joules of all its launches
 * @param share of the step's time, as far as that is known; missing where a launch of the layer has no time
 * @param flopsPerSecond floating-point operations, two per multiply-accumulate, over its time; missing as the share
 * @param bytesPerSecond over its time, with each tensor moved once per launch; missing as the share
 * @param bound what would take longest at the device's peaks
 */
record LayerTime(
        String layer,
        Quantity forwardSeconds,
        Quantity backwardSeconds,
        Quantity joules,
        Quantity share,
        Quantity flopsPerSecond,
        Quantity bytesPerSecond,
        Bound bound) {

    private static final Quantity NOTHING = Quantity.derived(Estimate.exact(0));

    /**
     * The layers of a step, the longest first and those without a time last.
     *
     * @param joules the energy of a cost
     */
    static List<LayerTime> ranked(
            StepProgram program, CostModel costs, Function<Cost, Quantity> joules, Roofline roofline) {
        Map<String, List<Instruction>> layers = new LinkedHashMap<>();
        double total = 0;
        for (Instruction instruction : program.instructions()) {
            layers.computeIfAbsent(instruction.layer(), layer -> new ArrayList<>())
                    .add(instruction);
            total += value(costs.predict(instruction.workload()).seconds());
        }
        List<LayerTime> times = new ArrayList<>();
        for (Map.Entry<String, List<Instruction>> layer : layers.entrySet()) {
            times.add(of(layer.getKey(), layer.getValue(), costs, joules, roofline, total));
        }
        times.sort(Comparator.comparingDouble((LayerTime layer) -> value(layer.share))
                .reversed());
        return times;
    }

    private static LayerTime of(
            String layer,
            List<Instruction> instructions,
            CostModel costs,
            Function<Cost, Quantity> joules,
            Roofline roofline,
            double total) {
        Quantity forward = NOTHING;
        Quantity backward = NOTHING;
        Quantity energy = NOTHING;
        double flops = 0;
        double bytes = 0;
        for (Instruction instruction : instructions) {
            Workload workload = instruction.workload();
            Cost cost = costs.predict(workload);
            if (workload.pass() == Pass.FORWARD) {
                forward = sum(forward, cost.seconds());
            } else {
                backward = sum(backward, cost.seconds());
            }
            energy = sum(energy, joules.apply(cost));
            flops += 2.0 * workload.macs();
            bytes += workload.bytesMoved();
        }
        Quantity seconds = sum(forward, backward);
        return new LayerTime(
                layer,
                forward,
                backward,
                energy,
                seconds.map(time -> time.times(1 / total)),
                rate(flops, seconds),
                rate(bytes, seconds),
                roofline.bound(flops, bytes, instructions.size()));
    }

    /** A sum that a single part leaves as it is, its provenance included. */
    private static Quantity sum(Quantity sum, Quantity part) {
        return sum.equals(NOTHING) ? part : sum.plus(part);
    }

    private static Quantity rate(double amount, Quantity seconds) {
        return seconds.map(time -> time.rate(amount));
    }

    private static double value(Quantity quantity) {
        return quantity.estimate().map(Estimate::value).orElse(0.0);
    }

    /** For example {@code compute}. */
    String boundText() {
        return bound.name().toLowerCase(Locale.ROOT);
    }

    /** What is achieved of the peak. */
    Quantity peakFlops(Roofline roofline) {
        return flopsPerSecond.map(
                rate -> rate.times(1 / roofline.flopsPerSecond().value()));
    }

    /** What is achieved of the memory's peak; above 1 where tensors stay in a cache. */
    Quantity peakBytes(Roofline roofline) {
        return bytesPerSecond.map(
                rate -> rate.times(1 / roofline.bytesPerSecond().value()));
    }

    Map<String, Object> json(Roofline roofline) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", layer);
        json.put("forwardSeconds", forwardSeconds);
        json.put("backwardSeconds", backwardSeconds);
        json.put("energyJoules", joules);
        json.put("share", share);
        json.put("flopsPerSecond", flopsPerSecond);
        json.put("bytesPerSecond", bytesPerSecond);
        json.put("peakFlopsShare", peakFlops(roofline));
        json.put("peakBytesShare", peakBytes(roofline));
        json.put("bound", boundText());
        return json;
    }
}
