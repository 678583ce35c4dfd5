package org.secateur.harness.cli;

import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.Cost;
import org.secateur.results.core.cost.CpuPowerModel;
import picocli.CommandLine.Option;

/** The power that is assumed of a processor whose energy no counter tells. */
final class PowerOption {
    private static final double IDLE_WATTS = 10;

    /** A processor of a desktop or one socket's share of a small server; only the sum depends on it, never a ranking. */
    private static final double ACTIVE_WATTS = 65;

    @Option(
            names = "--watts",
            paramLabel = "W",
            description = "Assumed power of the processor under load, where no counter tells its energy"
                    + " (default: ${DEFAULT-VALUE}). Such joules are MODELLED.")
    double watts = ACTIVE_WATTS;

    /** The model; the watts must exceed the idle power of 10. */
    CpuPowerModel model() {
        if (!(watts > IDLE_WATTS) || !Double.isFinite(watts)) {
            throw new IllegalArgumentException("--watts " + watts + ": expected more than " + IDLE_WATTS);
        }
        return new CpuPowerModel(IDLE_WATTS, watts);
    }

    /** The joules of a cost: as it has them, else modelled for a processor, else missing. */
    Quantity joules(Cost cost, String kind) {
        return cost.joules().estimate().isPresent() || kind.equals("cuda")
                ? cost.joules()
                : model().joules(cost.seconds());
    }
}
