package org.secateur.harness.loop;

import java.util.Optional;
import java.util.function.Function;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.CountedEnergy;
import org.secateur.profilers.core.energy.EnergyGauge;
import org.secateur.profilers.core.energy.ModelledEnergy;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.cost.EnergyModel;
import org.secateur.results.core.statistics.PairedComparison;

/** Measures whole training steps, with their energy, and inferences of networks, alone and against each other. */
public final class StepMeter {
    private static final EnergyGauge TIME_ONLY = new ModelledEnergy(Sampler.NO_ENERGY);

    private final Device device;
    private final Surroundings surroundings;
    private final EnergyGauge energy;
    private final Optional<EnergyModel> model;
    private final Function<Network, StepProgram> program;
    private final Function<Network, Kernel> step;
    private final Function<Network, Kernel> inference;
    private final long seed;

    /**
     * A meter of the steps of a training, and of inferences of one batch size.
     *
     * @param energy counts the joules of steps
     * @param model tells them instead, where there is one
     */
    public StepMeter(
            Engine engine,
            Device device,
            Surroundings surroundings,
            EnergyGauge energy,
            Optional<EnergyModel> model,
            TrainingSettings training,
            int inferenceBatch,
            long seed) {
        this(
                device,
                surroundings,
                energy,
                model,
                network -> Lowering.training(network, training.batch(), engine.dataType(), engine.layout()),
                network -> engine.step(network, training, seed),
                network -> engine.inference(network, inferenceBatch, seed),
                seed);
    }

    /** A meter of what the functions open for a network, without energy. */
    StepMeter(
            Device device,
            Surroundings surroundings,
            Function<Network, Kernel> step,
            Function<Network, Kernel> inference,
            long seed) {
        this(device, surroundings, TIME_ONLY, step, inference, seed);
    }

    /** The same with the joules of steps by a gauge. */
    StepMeter(
            Device device,
            Surroundings surroundings,
            EnergyGauge energy,
            Function<Network, Kernel> step,
            Function<Network, Kernel> inference,
            long seed) {
        this(device, surroundings, energy, Optional.empty(), StepMeter::noProgram, step, inference, seed);
    }

    private StepMeter(
            Device device,
            Surroundings surroundings,
            EnergyGauge energy,
            Optional<EnergyModel> model,
            Function<Network, StepProgram> program,
            Function<Network, Kernel> step,
            Function<Network, Kernel> inference,
            long seed) {
        this.device = device;
        this.surroundings = surroundings;
        this.energy = energy;
        this.model = model;
        this.program = program;
        this.step = step;
        this.inference = inference;
        this.seed = seed;
    }

    private static StepProgram noProgram(Network network) {
        throw new IllegalStateException("a meter without a model needs no program of " + network.name());
    }

    /** Whether a counter tells the joules of steps, and no model. */
    boolean countsJoules() {
        return energy instanceof CountedEnergy && model.isEmpty();
    }

    /** The same without energy, whose measuring takes minutes where a counter tells it. */
    StepMeter timeOnly() {
        return new StepMeter(device, surroundings, step, inference, seed);
    }

    /** One training step of a network. */
    public Timing step(Network network, SamplerOptions options) {
        return modelled(sampler(options, energy).time(device, () -> step.apply(network)), network);
    }

    /** One inference of a network. */
    public Timing latency(Network network, SamplerOptions options) {
        return sampler(options, TIME_ONLY).time(device, () -> inference.apply(network));
    }

    /** The training steps of two networks, in pairs. */
    public PairedTiming compareSteps(Network baseline, Network candidate, SamplerOptions options) {
        PairedTiming timing = sampler(options, energy)
                .compare(device, () -> step.apply(baseline), () -> step.apply(candidate), PairedComparison.LEAST_DELTA);
        return timing.with(modelled(timing.baseline(), baseline), modelled(timing.candidate(), candidate));
    }

    private Timing modelled(Timing timing, Network network) {
        return model.map(m -> timing.modelled(m, program.apply(network))).orElse(timing);
    }

    /** The inferences of two networks, in pairs. */
    public PairedTiming compareLatencies(Network baseline, Network candidate, SamplerOptions options) {
        return sampler(options, TIME_ONLY)
                .compare(
                        device,
                        () -> inference.apply(baseline),
                        () -> inference.apply(candidate),
                        PairedComparison.LEAST_DELTA);
    }

    private Sampler sampler(SamplerOptions options, EnergyGauge gauge) {
        return new Sampler(options, surroundings, gauge, seed);
    }
}
