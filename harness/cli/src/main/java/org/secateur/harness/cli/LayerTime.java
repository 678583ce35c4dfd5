package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.secateur.results.core.Flag;
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
import org.secateur.results.store.QuantityJson;

/**
 * What one layer takes of a step, and what it achieves.
 *
 * @param forwardSeconds of its forward launches
 * @param backwardSeconds of all its other launches, the optimizer's update included
 * @param joules of all its launches
 * @param netJoules the same beyond idle power
 * @param flags of the rows that it rests on
 * @param share of the step's time, as far as that is known; missing where a launch of the layer has no time
 * @param energyShare of the step's joules, likewise
 * @param flopsPerSecond floating-point operations, two per multiply-accumulate, over its time; missing as the share
 * @param bytesPerSecond over its time, with each tensor moved once per launch; missing as the share
 * @param bound what would take longest at the device's peaks
 */
record LayerTime(
        String layer,
        Quantity forwardSeconds,
        Quantity backwardSeconds,
        Quantity joules,
        Quantity netJoules,
        Set<Flag> flags,
        Quantity share,
        Quantity energyShare,
        Quantity flopsPerSecond,
        Quantity bytesPerSecond,
        Bound bound) {

    LayerTime {
        flags = Set.copyOf(flags);
    }

    private static final Quantity NOTHING = Quantity.derived(Estimate.exact(0));

    /** What ranks layers. */
    enum Rank {
        SECONDS,
        JOULES;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        private double share(LayerTime layer) {
            return value(this == SECONDS ? layer.share : layer.energyShare);
        }
    }

    /**
     * The layers of a step, those that take most of it first and those of which that is not known last.
     *
     * @param net the same costs with joules beyond idle power
     */
    static List<LayerTime> ranked(StepProgram program, CostModel costs, CostModel net, Roofline roofline, Rank by) {
        Map<String, List<Instruction>> layers = new LinkedHashMap<>();
        double seconds = 0;
        double joules = 0;
        for (Instruction instruction : program.instructions()) {
            layers.computeIfAbsent(instruction.layer(), layer -> new ArrayList<>())
                    .add(instruction);
            Cost cost = costs.predict(instruction.workload());
            seconds += value(cost.seconds());
            joules += value(cost.joules());
        }
        List<LayerTime> times = new ArrayList<>();
        for (Map.Entry<String, List<Instruction>> layer : layers.entrySet()) {
            times.add(of(layer.getKey(), layer.getValue(), costs, net, roofline, seconds, joules));
        }
        return ranked(times, by);
    }

    /** The same in another order; of equals, those first that were. */
    static List<LayerTime> ranked(List<LayerTime> layers, Rank by) {
        return layers.stream()
                .sorted(Comparator.comparingDouble(by::share).reversed())
                .toList();
    }

    private static LayerTime of(
            String layer,
            List<Instruction> instructions,
            CostModel costs,
            CostModel netCosts,
            Roofline roofline,
            double totalSeconds,
            double totalJoules) {
        Quantity forward = NOTHING;
        Quantity backward = NOTHING;
        Quantity energy = NOTHING;
        Quantity net = NOTHING;
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
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
            energy = sum(energy, cost.joules());
            net = sum(net, netCosts.predict(workload).joules());
            flags.addAll(cost.flags());
            flops += 2.0 * workload.macs();
            bytes += workload.bytesMoved();
        }
        Quantity seconds = sum(forward, backward);
        return new LayerTime(
                layer,
                forward,
                backward,
                energy,
                net,
                flags,
                seconds.map(time -> time.times(1 / totalSeconds)),
                energy.map(part -> part.times(1 / totalJoules)),
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
        json.put("forwardSeconds", ofSeconds(forwardSeconds));
        json.put("backwardSeconds", ofSeconds(backwardSeconds));
        json.put("energyJoules", ofJoules(joules));
        json.put("netEnergyJoules", ofJoules(netJoules));
        json.put("share", ofSeconds(share));
        json.put("energyShare", ofJoules(energyShare));
        json.put("flopsPerSecond", ofSeconds(flopsPerSecond));
        json.put("bytesPerSecond", ofSeconds(bytesPerSecond));
        json.put("peakFlopsShare", ofSeconds(peakFlops(roofline)));
        json.put("peakBytesShare", ofSeconds(peakBytes(roofline)));
        json.put("bound", boundText());
        return json;
    }

    private Map<String, Object> ofSeconds(Quantity quantity) {
        return QuantityJson.of(quantity, Flag.ofSeconds(flags));
    }

    private Map<String, Object> ofJoules(Quantity quantity) {
        return QuantityJson.of(quantity, Flag.ofJoules(flags, joules));
    }
}
