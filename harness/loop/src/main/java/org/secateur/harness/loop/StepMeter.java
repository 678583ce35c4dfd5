package org.secateur.harness.loop;

import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.InferencePass;
import org.secateur.models.libtorch.TrainingStep;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.results.core.Quantity;

/** Measures whole training steps and inferences of networks, alone and against each other. */
public final class StepMeter {
    /** Differences below this are no difference: the blueprint's equivalence margin. */
    private static final double DELTA = 0.01;

    private final LibTorch libTorch;
    private final Device device;
    private final Surroundings surroundings;
    private final java.util.function.UnaryOperator<Quantity> energy;
    private final int batch;
    private final int inferenceBatch;
    private final long seed;

    /** A meter for one batch size of each kind. */
    public StepMeter(
            LibTorch libTorch,
            Device device,
            Surroundings surroundings,
            java.util.function.UnaryOperator<Quantity> energy,
            int batch,
            int inferenceBatch,
            long seed) {
        this.libTorch = libTorch;
        this.device = device;
        this.surroundings = surroundings;
        this.energy = energy;
        this.batch = batch;
        this.inferenceBatch = inferenceBatch;
        this.seed = seed;
    }

    /** One training step of a network. */
    public Timing step(Network network, SamplerOptions options) {
        return sampler(options).time(device, () -> stepKernel(network));
    }

    /** One inference of a network. */
    public Timing latency(Network network, SamplerOptions options) {
        return sampler(options).time(device, () -> inferenceKernel(network));
    }

    /** The training steps of two networks, in pairs. */
    public PairedTiming compareSteps(Network baseline, Network candidate, SamplerOptions options) {
        return sampler(options).compare(device, () -> stepKernel(baseline), () -> stepKernel(candidate), DELTA);
    }

    /** The inferences of two networks, in pairs. */
    public PairedTiming compareLatencies(Network baseline, Network candidate, SamplerOptions options) {
        return sampler(options)
                .compare(device, () -> inferenceKernel(baseline), () -> inferenceKernel(candidate), DELTA);
    }

    private Kernel stepKernel(Network network) {
        return new TrainingStep(libTorch, network, batch, 0, seed);
    }

    private Kernel inferenceKernel(Network network) {
        return new InferencePass(libTorch, network, inferenceBatch, seed);
    }

    private Sampler sampler(SamplerOptions options) {
        return new Sampler(options, surroundings, energy, seed);
    }
}
