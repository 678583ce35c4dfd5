package org.secateur.profilers.core.energy;

import java.util.Optional;
import org.secateur.results.core.statistics.PairedComparison;

/**
 * The energies of two kernels.
 *
 * @param comparison of windows measured in the same rounds; empty where no counter told them
 */
public record PairedEnergy(GaugedEnergy baseline, GaugedEnergy candidate, Optional<PairedComparison> comparison) {}
