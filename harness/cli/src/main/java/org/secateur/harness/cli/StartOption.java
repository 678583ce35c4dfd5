package org.secateur.harness.cli;

import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.energy.EnergyOptions;
import picocli.CommandLine.Option;

/** The temperature at which windows of energy begin. */
final class StartOption {
    @Option(
            names = "--start-celsius",
            paramLabel = "C",
            description = "Begin each window of energy with the device at C degrees, within 1, by load or by rest of up"
                    + " to two minutes; what does not get there is flagged ENERGY_UNSETTLED (default: as it is).")
    private @Nullable Double celsius;

    /** The options, with the temperature where one is asked for. */
    EnergyOptions applied(EnergyOptions options) {
        return celsius == null ? options : options.startingAt(celsius);
    }
}
