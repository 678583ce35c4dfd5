package org.secateur.results.core.cost;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;

/**
 * What a whole step is predicted to cost.
 *
 * @param model the name of the cost model
 * @param total of the step, corrected for additivity; missing when any part is
 * @param layers the sum of each layer's launches, uncorrected, in the order in which layers first appear
 * @param coverage how the launches' times were come by
 * @param flagged how many launches rest on rows with a flag, by flag
 */
public record StepCost(
        String model, Cost total, Map<String, Cost> layers, Coverage coverage, Map<Flag, Integer> flagged) {
    public StepCost {
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
        flagged = Collections.unmodifiableMap(new LinkedHashMap<>(flagged));
    }

    /** Launches by provenance: exact rows, interpolations, modelled numbers, and misses. */
    public record Coverage(int exact, int interpolated, int modelled, int missing) {
        /** All launches. */
        public int total() {
            return exact + interpolated + modelled + missing;
        }

        private Coverage plus(Provenance provenance) {
            return switch (provenance) {
                case Provenance.Measured m -> new Coverage(exact + 1, interpolated, modelled, missing);
                case Provenance.Derived d -> new Coverage(exact, interpolated + 1, modelled, missing);
                case Provenance.Modelled m -> new Coverage(exact, interpolated, modelled + 1, missing);
                case Provenance.Unavailable u -> new Coverage(exact, interpolated, modelled, missing + 1);
            };
        }
    }

    /** Predicts a step as the sum of its launches. */
    public static StepCost predict(StepProgram program, CostModel model) {
        return predict(program, model, Additivity.IDENTITY);
    }

    /**
     * Predicts a step as the corrected sum of its launches. Launches of one workload share one measurement, so that
     * their errors go together; those of different workloads add in quadrature.
     */
    public static StepCost predict(StepProgram program, CostModel model, Additivity additivity) {
        if (program.instructions().isEmpty()) {
            throw new IllegalArgumentException("step of " + program.network() + " has no instruction");
        }
        Map<Workload, Integer> counts = new LinkedHashMap<>();
        Map<Workload, Cost> costs = new LinkedHashMap<>();
        Map<String, Cost> layers = new LinkedHashMap<>();
        Coverage coverage = new Coverage(0, 0, 0, 0);
        Map<Flag, Integer> flagged = new EnumMap<>(Flag.class);
        for (Instruction instruction : program.instructions()) {
            Workload workload = instruction.workload();
            Cost cost = costs.computeIfAbsent(workload, model::predict);
            counts.merge(workload, 1, Integer::sum);
            layers.merge(instruction.layer(), cost, Cost::plus);
            coverage = coverage.plus(cost.seconds().provenance());
            cost.flags().forEach(flag -> flagged.merge(flag, 1, Integer::sum));
        }
        Cost sum = costs.entrySet().stream()
                .map(e -> times(e.getValue(), counts.getOrDefault(e.getKey(), 1)))
                .reduce(Cost::plus)
                .orElseThrow();
        Quantity seconds =
                additivity.apply(sum.seconds(), program.instructions().size());
        return new StepCost(model.name(), new Cost(seconds, sum.joules(), sum.flags()), layers, coverage, flagged);
    }

    private static Cost times(Cost cost, int count) {
        return new Cost(cost.seconds().map(e -> e.times(count)), cost.joules().map(e -> e.times(count)), cost.flags());
    }
}
