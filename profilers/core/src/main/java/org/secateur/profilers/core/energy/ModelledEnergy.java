package org.secateur.profilers.core.energy;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.Quantity;

/**
 * Energy from time alone, where there is no counter.
 *
 * @param joules of a launch from its seconds: a model of the device's power, or missing
 */
public record ModelledEnergy(UnaryOperator<Quantity> joules) implements EnergyGauge {
    @Override
    public GaugedEnergy energy(Kernel kernel, Quantity seconds) {
        return GaugedEnergy.of(joules.apply(seconds));
    }

    @Override
    public PairedEnergy compare(
            Kernel baseline, Quantity baselineSeconds, Kernel candidate, Quantity candidateSeconds, double delta) {
        return new PairedEnergy(
                energy(baseline, baselineSeconds), energy(candidate, candidateSeconds), Optional.empty());
    }
}
