package org.secateur.profilers.core.sampler;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.secateur.profilers.core.energy.GaugedEnergy;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.EnergyModel;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * What the sampler found of one kernel: a {@link Measurement} without a key, since a whole step is measured too.
 *
 * @param discarded how many blocks were rejected, by cause; a cause that ends in {@code (kept)} was recorded but its
 *     blocks were kept, because more than half of all blocks were contended
 */
public record Timing(
        Variant variant,
        Quantity seconds,
        Quantity joules,
        List<Block> blocks,
        List<EnergySample> energySamples,
        Map<String, Integer> discarded,
        Conditions before,
        Conditions after,
        Set<Flag> flags,
        Instant measuredAt) {
    public Timing {
        blocks = List.copyOf(blocks);
        energySamples = List.copyOf(energySamples);
        discarded = Map.copyOf(discarded);
        flags = Set.copyOf(flags);
    }

    /**
     * The median of the blocks, in seconds per launch, also where {@link #seconds} refuses a single number: for weighing
     * one thing against another, not for publishing.
     */
    public double typicalSeconds() {
        return OrderStatistics.median(
                blocks.stream().mapToDouble(Block::medianSeconds).toArray());
    }

    /** The row of a table. */
    public Measurement of(WorkloadKey key) {
        return new Measurement(
                key, variant, seconds, joules, blocks, energySamples, discarded, before, after, flags, measuredAt);
    }

    /** The same with other flags. */
    Timing flagged(Set<Flag> others) {
        return new Timing(
                variant, seconds, joules, blocks, energySamples, discarded, before, after, others, measuredAt);
    }

    /** The same with joules that a model tells of the launches it consists of. */
    public Timing modelled(EnergyModel model, StepProgram launches) {
        return modelled(
                model,
                launches.instructions().stream().map(Instruction::workload).toList());
    }

    /** The same of launches one by one. */
    public Timing modelled(EnergyModel model, List<Workload> launches) {
        return new Timing(
                variant,
                seconds,
                model.joules(launches, seconds, after.utilisation()),
                blocks,
                energySamples,
                discarded,
                before,
                after,
                flags,
                measuredAt);
    }

    /** The same with its energy, and with what was found out on the way to it. */
    Timing with(GaugedEnergy energy) {
        Map<String, Double> readings = new TreeMap<>(after.readings());
        readings.putAll(energy.readings());
        Set<Flag> all = EnumSet.noneOf(Flag.class);
        all.addAll(flags);
        all.addAll(energy.flags());
        return new Timing(
                variant,
                seconds,
                energy.joules(),
                blocks,
                energy.samples(),
                discarded,
                before,
                new Conditions(readings),
                all,
                measuredAt);
    }
}
