package org.secateur.harness.loop;

import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.EnergyGauge;
import org.secateur.profilers.core.energy.ModelledEnergy;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.PairedComparison;

/** Measures whole training steps, with their energy, and inferences of networks, alone and against each other. */
public final class StepMeter {
    private static final EnergyGauge TIME_ONLY = new ModelledEnergy(Sampler.NO_ENERGY);

    private final Device device;
    private final Surroundings surroundings;
    private final EnergyGauge energy;
    private final Function<Network, Kernel> step;
    private final Function<Network, Kernel> inference;
    private final long seed;

    /** A meter of the steps of a training, and of inferences of one batch size. */
    public StepMeter(
            Engine engine,
            Device device,
            Surroundings surroundings,
            EnergyGauge energy,
            TrainingSettings training,
            int inferenceBatch,
            long seed) {
        this(
                device,
                surroundings,
                energy,
                network -> engine.step(network, training, seed),
                network -> engine.inference(network, inferenceBatch, seed),
                seed);
    }

    /** A meter of what the functions open for a network, with energy from time alone. */
    StepMeter(
            Device device,
            Surroundings surroundings,
            UnaryOperator<Quantity> energy,
            Function<Network, Kernel> step,
            Function<Network, Kernel> inference,
            long seed) {
        this(device, surroundings, new ModelledEnergy(energy), step, inference, seed);
    }

    private StepMeter(
            Device device,
            Surroundings surroundings,
            EnergyGauge energy,
            Function<Network, Kernel> step,
            Function<Network, Kernel> inference,
            long seed) {
        this.device = device;
        this.surroundings = surroundings;
        this.energy = energy;
        this.step = step;
        this.inference = inference;
        this.seed = seed;
    }

    /** The same without energy, whose measuring takes minutes where a counter tells it. */
    StepMeter timeOnly() {
        return new StepMeter(device, surroundings, TIME_ONLY, step, inference, seed);
    }

    /** One training step of a network. */
    public Timing step(Network network, SamplerOptions options) {
        return sampler(options, energy).time(device, () -> step.apply(network));
    }

    /** One inference of a network. */
    public Timing latency(Network network, SamplerOptions options) {
        return sampler(options, TIME_ONLY).time(device, () -> inference.apply(network));
    }

    /** The training steps of two networks, in pairs. */
    public PairedTiming compareSteps(Network baseline, Network candidate, SamplerOptions options) {
        return sampler(options, energy)
                .compare(device, () -> step.apply(baseline), () -> step.apply(candidate), PairedComparison.LEAST_DELTA);
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
