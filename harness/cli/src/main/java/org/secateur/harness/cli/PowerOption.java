package org.secateur.harness.cli;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Device;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.CpuPowerModel;
import org.secateur.results.core.cost.EnergyModel;
import org.secateur.results.core.cost.MemoryHierarchyEnergy;
import picocli.CommandLine.Option;

/** What tells the joules that no counter tells. */
final class PowerOption {
    private static final double IDLE_WATTS = 10;

    /** A processor of a desktop or one socket's share of a small server; only the sum depends on it, never a ranking. */
    private static final double ACTIVE_WATTS = 65;

    /** The models by name. */
    enum Model {
        CPU_POWER,
        MEMORY_HIERARCHY;

        /** As it stands on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Option(
            names = "--energy-model",
            paramLabel = "NAME",
            description = "Tell joules by a model: cpu-power (idle power and utilisation of a processor, times"
                    + " seconds) or memory-hierarchy (the accesses of an assumed accelerator, whatever the device)."
                    + " Such joules are MODELLED. Default: the device's counter, and where it has none cpu-power on"
                    + " cpu, else memory-hierarchy.")
    @Nullable
    private String energyModel;

    @Option(
            names = "--watts",
            paramLabel = "W",
            description =
                    "Power that cpu-power assumes of the processor at full utilisation (default: ${DEFAULT-VALUE}).")
    private double watts = ACTIVE_WATTS;

    @Option(
            names = "--idle-watts",
            paramLabel = "W",
            description = "Power that it assumes without work (default: ${DEFAULT-VALUE}).")
    private double idleWatts = IDLE_WATTS;

    /** Whether joules are to be modelled even where a counter tells them. */
    boolean asked() {
        return energyModel != null;
    }

    /** What of this option decides the joules that are told. */
    String identity() {
        return watts + " W " + (asked() || idleWatts != IDLE_WATTS ? idleWatts + " W idle, " + energyModel + " " : "");
    }

    /** Whether the accesses of the memory hierarchy are asked for, which need no device. */
    boolean asksForAccesses() {
        return asked() && named() == Model.MEMORY_HIERARCHY;
    }

    private Model named() {
        for (Model model : Model.values()) {
            if (model.toString().equalsIgnoreCase(energyModel)) {
                return model;
            }
        }
        throw SecateurException.badInput(
                "unknown energy model \"" + energyModel + "\"",
                "--energy-model",
                "use " + Model.CPU_POWER + " or " + Model.MEMORY_HIERARCHY);
    }

    /**
     * The model that is asked for, else the default one of a kind of device.
     *
     * @throws IllegalArgumentException when the idle power is not below that at work
     */
    EnergyModel model(String kind) {
        boolean gpu = kind.equals("cuda");
        Model model = asked() ? named() : gpu ? Model.MEMORY_HIERARCHY : Model.CPU_POWER;
        if (!(idleWatts >= 0) || !(watts > idleWatts) || !Double.isFinite(watts)) {
            throw new IllegalArgumentException(
                    "--watts " + watts + ": expected more than --idle-watts " + idleWatts + ", which is at least 0");
        }
        if (gpu && model == Model.CPU_POWER) {
            throw SecateurException.badInput(
                    "cpu-power is a model of processors, not of GPUs", "--energy-model", "use memory-hierarchy");
        }
        return switch (model) {
            case CPU_POWER -> new CpuPowerModel(idleWatts, watts);
            case MEMORY_HIERARCHY -> MemoryHierarchyEnergy.eyeriss();
        };
    }

    /** The model of a device's joules; empty where its counter tells them and no model is asked for. */
    Optional<EnergyModel> instead(Device device) {
        return asked() || !Energies.counts(device) ? Optional.of(model(device.kind())) : Optional.empty();
    }

    /**
     * A table as joules are told from it: the counted ones, or where none of some rows has any, all by the model. Both
     * kinds are never mixed, since they may differ by orders of magnitude.
     */
    CostTable told(CostTable table, Collection<WorkloadKey> keys) {
        boolean counted = keys.stream()
                .flatMap(key -> table.row(key).stream())
                .map(Measurement::joules)
                .anyMatch(joules -> joules.provenance() instanceof Provenance.Measured);
        return counted && !asked()
                ? EnergyModel.counted(table)
                : model(table.fingerprint().kind()).instead(table);
    }
}
