package org.secateur.profilers.core.energy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;

/**
 * The energy of one launch, as it goes into a row.
 *
 * @param samples the raw ones; none unless a counter told it
 * @param flags of its measurement, all of them of energy only
 * @param readings how it was measured: {@code watts}, {@code idleWatts}, {@code limitWatts}, the sensors'
 *     calibration, and between which temperatures ({@code energyLowestCelsius}, {@code energyHighestCelsius})
 */
public record GaugedEnergy(Quantity joules, List<EnergySample> samples, Set<Flag> flags, Map<String, Double> readings) {
    public GaugedEnergy {
        samples = List.copyOf(samples);
        flags = Set.copyOf(flags);
        readings = Collections.unmodifiableMap(new TreeMap<>(readings));
    }

    /** Energy without samples: modelled, or missing. */
    static GaugedEnergy of(Quantity joules) {
        return new GaugedEnergy(joules, List.of(), Set.of(), Map.of());
    }
}
