package org.secateur.results.core.cost;

import java.util.List;
import java.util.OptionalDouble;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;

/** Tells joules that no counter counts. They are MODELLED, by its name. */
public sealed interface EnergyModel permits CpuPowerModel, MemoryHierarchyEnergy {
    /** The name in every quantity that it gives, with its assumptions. */
    String name();

    /**
     * The gross energy of some launches.
     *
     * @param launches one after the other
     * @param seconds that all of them take together; missing where there is no single number
     * @param utilisation the share of all processors' time that this process uses meanwhile, 0 to 1; empty where unknown
     */
    Quantity joules(List<Workload> launches, Quantity seconds, OptionalDouble utilisation);

    /** The row, its joules by this model where no counter told them. */
    default Measurement applied(Measurement row) {
        return row.joules().provenance() instanceof Provenance.Measured ? row : instead(row);
    }

    /** The table, all joules of its rows by this model. */
    default CostTable instead(CostTable table) {
        return table.map(this::instead);
    }

    private Measurement instead(Measurement row) {
        return row.withJoules(
                joules(List.of(row.key().workload()), row.seconds(), row.after().utilisation()));
    }

    /** The table without joules that a model told. */
    static CostTable counted(CostTable table) {
        return table.map(row -> row.joules().provenance() instanceof Provenance.Modelled
                ? row.withJoules(Quantity.unavailable("no counter told the joules of this row"))
                : row);
    }
}
